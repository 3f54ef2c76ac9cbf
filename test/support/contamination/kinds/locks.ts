import { sql, type Kind } from '../kind.ts'

export const locks: readonly Kind[] = [
  sql('GET_LOCK in a SELECT', "SELECT GET_LOCK('dirty_lock', 0)"),
  sql('GET_LOCK in a DO', "DO GET_LOCK('dirty_lock', 0)"),
  sql('GET_LOCK in a SET', "SET @dirty = GET_LOCK('dirty_lock', 0)"),
  sql('GET_LOCK in a WHERE', "SELECT id FROM ledger WHERE GET_LOCK('dirty_lock', 0)"),
  sql('GET_LOCK in an UPDATE', "UPDATE ledger SET note = note WHERE GET_LOCK('dirty_lock', 0) = 0"),
  sql('GET_LOCK behind a comment', "SELECT /* x */ GET_LOCK/**/('dirty_lock', 0)"),
  sql('GET_LOCK behind a line comment', "SELECT GET_LOCK -- here it comes\n('dirty_lock', 0)"),
  sql('GET_LOCK in an executable comment', "SELECT /*!50000 GET_LOCK('dirty_lock', 0) */"),
  sql('GET_LOCK in MariaDB’s executable comment', "SELECT /*M! GET_LOCK('dirty_lock', 0) */", {
    servers: ['mariadb'],
  }),
  sql('GET_LOCK in capitals and small letters', "select Get_Lock('dirty_lock', 0)"),
  sql('GET_LOCK in a subquery', "SELECT * FROM (SELECT GET_LOCK('dirty_lock', 0) AS got) AS sub"),
  sql(
    'GET_LOCK in a common table expression',
    "WITH c AS (SELECT GET_LOCK('dirty_lock', 0) AS got) SELECT * FROM c",
  ),
  sql('GET_LOCK in a stored function', 'SELECT takes_lock()'),
  sql('GET_LOCK in a SQL PREPARE', [
    "PREPARE dirty_statement FROM 'SELECT GET_LOCK(?, 0)'",
    "SET @name = 'dirty_lock'",
    'EXECUTE dirty_statement USING @name',
  ]),
  sql('GET_LOCK in an open transaction', [
    'BEGIN',
    'SELECT * FROM ledger',
    "SELECT GET_LOCK('dirty_lock', 0)",
  ]),
  sql('LOCK TABLES WRITE', 'LOCK TABLES ledger WRITE'),
  sql('LOCK TABLES READ', 'LOCK TABLES ledger READ'),
  sql('LOCK TABLES, and START TRANSACTION after it', ['LOCK TABLES ledger WRITE', 'BEGIN'], {
    unseen: 'START TRANSACTION unlocks; what it leaves is a kind of its own',
  }),
  sql('FLUSH TABLES WITH READ LOCK', 'FLUSH TABLES WITH READ LOCK'),
  sql('FLUSH one table WITH READ LOCK', 'FLUSH TABLES ledger WITH READ LOCK'),
  sql('FLUSH TABLES FOR EXPORT', 'FLUSH TABLES ledger FOR EXPORT'),
  sql('LOCK INSTANCE FOR BACKUP', 'LOCK INSTANCE FOR BACKUP', { servers: ['mysql'] }),
  sql('BACKUP STAGE', ['BACKUP STAGE START', 'BACKUP STAGE BLOCK_DDL'], { servers: ['mariadb'] }),
  sql('BACKUP LOCK', 'BACKUP LOCK ledger', { servers: ['mariadb'] }),
]
