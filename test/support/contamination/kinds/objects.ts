import { sql, type Kind } from '../kind.ts'
import { DATABASE, ELSEWHERE } from '../world.ts'

export const objects: readonly Kind[] = [
  sql('USE another database', `USE ${ELSEWHERE}`),
  sql('USE where no database was chosen', `USE ${ELSEWHERE}`, {
    withoutDatabase: true,
    replaced: 'nothing makes the server forget a database, but for another login',
  }),
  sql('a temporary table', 'CREATE TEMPORARY TABLE dirty_temporary (id INT)'),
  sql(
    'a temporary table of a SELECT',
    'CREATE TEMPORARY TABLE dirty_temporary SELECT * FROM ledger',
  ),
  sql(
    'a temporary table elsewhere',
    `CREATE TEMPORARY TABLE ${ELSEWHERE}.dirty_temporary (id INT)`,
  ),
  sql(
    'a temporary table that hides a real one',
    `CREATE TEMPORARY TABLE ledger (id INT, note INT)`,
  ),
  sql('a temporary table in an open transaction', [
    'BEGIN',
    'CREATE TEMPORARY TABLE dirty_temporary (id INT) ENGINE = InnoDB',
    'INSERT INTO dirty_temporary VALUES (1)',
  ]),
  sql('HANDLER OPEN', 'HANDLER ledger OPEN AS dirty_handler'),
  sql('SQL PREPARE', "PREPARE dirty_statement FROM 'SELECT 1'"),
  sql('SQL PREPARE, executed', [
    "PREPARE dirty_statement FROM 'SELECT 1'",
    'EXECUTE dirty_statement',
  ]),
  sql('SET ROLE', 'SET ROLE clerk', {
    replaced: 'no reset takes a role away; the reset finds that out and fails',
  }),
  sql('a last value of a sequence', `SELECT NEXT VALUE FOR ${DATABASE}.dirty_sequence`, {
    servers: ['mariadb'],
  }),
  sql('SET RESOURCE GROUP', 'SET RESOURCE GROUP dirty_group', {
    servers: ['mysql'],
    replaced: 'a thread keeps its group through a reset',
  }),
]
