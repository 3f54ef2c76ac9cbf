import { type DatabaseServer, type Flavor, startDatabase } from '@lifeguard/test-kit'
import { createConnection, type Connection } from 'mysql2/promise'

/** The database that every pool of these tests is configured with. */
export const DATABASE = 'shop'
/** One that a borrower may wander off to. */
export const ELSEWHERE = 'elsewhere'

/** A private server with something to make a mess of, and a bystander who looks at it from outside. */
export interface World {
  readonly flavor: Flavor
  readonly server: DatabaseServer
  /** A session of nobody's: it sees what others see, and waits for no lock longer than a second. */
  readonly bystander: Connection
  end(): Promise<void>
}

export interface WorldOptions {
  /** The server's own charset is latin1, the traps' best friend. */
  readonly latin1?: boolean
}

const SCHEMA = [
  `CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4`,
  `CREATE DATABASE ${ELSEWHERE} CHARACTER SET latin1`,
  `USE ${DATABASE}`,
  'CREATE TABLE ledger (id INT PRIMARY KEY, note VARCHAR(100) NOT NULL)',
  "INSERT INTO ledger (id, note) VALUES (1, 'opening'), (2, 'balance')",
  'CREATE TABLE counter (id INT AUTO_INCREMENT PRIMARY KEY)',
  'CREATE TABLE watched (id INT PRIMARY KEY)',
  'CREATE FUNCTION sets_variable() RETURNS INT BEGIN SET @dirty = 1; RETURN 1; END',
  "CREATE FUNCTION takes_lock() RETURNS INT RETURN GET_LOCK('dirty_lock', 0)",
  `CREATE PROCEDURE sets_state() BEGIN
     SET @dirty = 1; SET SESSION time_zone = '+05:00'; CREATE TEMPORARY TABLE dirty_temporary (id INT);
   END`,
  `CREATE PROCEDURE opens_transaction() BEGIN
     START TRANSACTION; INSERT INTO ledger (id, note) VALUES (900, 'by a procedure'); SELECT 1 AS one;
   END`,
  `CREATE PROCEDURE fails_midway() BEGIN
     START TRANSACTION;
     INSERT INTO ledger (id, note) VALUES (900, 'by a procedure');
     INSERT INTO ledger (id, note) VALUES (1, 'a duplicate');
     COMMIT;
   END`,
  'CREATE TRIGGER watched_sets AFTER INSERT ON watched FOR EACH ROW SET @dirty = NEW.id',
  "CREATE TRIGGER watched_locks BEFORE DELETE ON watched FOR EACH ROW DO GET_LOCK('dirty_lock', 0)",
  'INSERT INTO watched (id) VALUES (0)',
  'CREATE VIEW calls_function AS SELECT sets_variable() AS one',
  'CREATE VIEW locks AS SELECT takes_lock() AS one',
  'CREATE ROLE clerk',
  "CREATE USER guest@'%'",
  `GRANT ALL ON ${DATABASE}.* TO guest@'%'`,
  'GRANT clerk TO root@localhost',
]

const MARIADB_SCHEMA = [
  'CREATE SEQUENCE dirty_sequence',
  'CREATE TABLE numbered (id INT DEFAULT NEXTVAL(dirty_sequence))',
]

const MYSQL_SCHEMA = [
  'CREATE RESOURCE GROUP dirty_group TYPE = USER',
  'SET GLOBAL local_infile = ON',
]

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const server = await startDatabase(options)
  const bystander = await createConnection({ uri: server.uri(), charset: 'utf8mb4' })
  const own = server.flavor === 'mysql' ? MYSQL_SCHEMA : MARIADB_SCHEMA
  for (const sql of [...SCHEMA, ...own]) await bystander.query(sql)
  // Whoever connects over TCP to 127.0.0.1 may be known under either name.
  await bystander.query("GRANT clerk TO root@'127.0.0.1'").catch(() => {})
  await bystander.query('SET lock_wait_timeout = 1, innodb_lock_wait_timeout = 1')
  return {
    flavor: server.flavor,
    server,
    bystander,
    end: async () => {
      await bystander.end()
      await server.stop()
    },
  }
}
