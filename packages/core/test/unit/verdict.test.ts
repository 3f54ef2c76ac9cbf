import t from 'tap'

import { bindsOnlyScalars, judge, VerdictCache } from '#core/session/verdict.js'

const backslash = '\\'

const HARMLESS: Readonly<Record<string, readonly string[]>> = {
  'queries and DML': [
    'SELECT 1',
    'select * from t where a = ? and b in (?, ?) limit ?, ?;',
    ' \n\tSELECT 1 ; -- done',
    '(SELECT 1) UNION ALL (SELECT 2)',
    'SELECT a FROM t UNION SELECT b FROM u EXCEPT (SELECT c FROM v)',
    'SELECT SQL_CALC_FOUND_ROWS a FROM t LIMIT 10',
    'SELECT FOUND_ROWS(), ROW_COUNT(), LAST_INSERT_ID ( ) , UUID(), CONNECTION_ID()',
    'SELECT COUNT (DISTINCT a) , group_concat(b order by c separator ?) FROM t GROUP BY d',
    'SELECT a FROM t WHERE b FOR UPDATE SKIP LOCKED',
    'SELECT a FROM t LOCK IN SHARE MODE',
    'SELECT a FROM t FOR SHARE OF t NOWAIT',
    'INSERT INTO t (a, b) VALUES (?, ?), (DEFAULT, NOW(6)) ON DUPLICATE KEY UPDATE a = VALUES(a)',
    'INSERT INTO t VALUES ?',
    'INSERT INTO ?? (??) VALUES ?',
    'INSERT LOW_PRIORITY IGNORE db . t (a) SELECT f FROM u',
    'INSERT DELAYED t (a) VALUE (1)',
    'INSERT INTO t PARTITION (p0) (a) VALUES (1) AS new (m) ON DUPLICATE KEY UPDATE a = new.m',
    'INSERT INTO t (a) VALUES (1) RETURNING id, UPPER(a)',
    'REPLACE t (a) VALUES (REPLACE(?, ?, ?))',
    'REPLACE INTO t SET a = 1, b = INSERT(c, 1, 2, ?)',
    'UPDATE t SET a = a + 1, b = IF(c, (SELECT MAX(d) FROM u), 0) WHERE id = ?',
    'UPDATE t SET ? WHERE id = ?',
    'DELETE t FROM t JOIN u USING (id) WHERE u.a IS NULL',
    'DELETE HISTORY FROM t BEFORE SYSTEM_TIME TIMESTAMP ?',
    'WITH a AS (SELECT 1) SELECT * FROM a',
    'WITH RECURSIVE a (n, m) AS (SELECT 1, 2 UNION ALL SELECT n + 1, m FROM a), b (x) AS (SELECT 3) DELETE FROM t',
    'VALUES ROW(1, 2), ROW(3, 4)',
    'TABLE t',
    'DO SLEEP(0), BENCHMARK(1, MD5(?))',
    'EXPLAIN FORMAT=TREE SELECT 1',
    'EXPLAIN ANALYZE SELECT COUNT(*) FROM t',
    'EXPLAIN FOR CONNECTION 5',
    'DESCRIBE t',
    'DESC t a',
    "SHOW FULL COLUMNS FROM t LIKE 'a%'",
    'SHOW WARNINGS',
  ],
  'a parenthesis that calls nothing': [
    'SELECT a FROM (SELECT 1, 2) AS d (x, y)',
    'SELECT a FROM (SELECT 1, 2) d (x, y)',
    'SELECT CAST(a AS DECIMAL(10, 2)), CONVERT(a, CHAR(10)), CAST(? AS DATETIME(6)) FROM t',
    'SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) FROM t',
    'SELECT SUM(a) OVER w FROM t WINDOW w AS (ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)',
    'SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY a) OVER (PARTITION BY b) FROM t',
    'SELECT a FROM t USE INDEX (i) FORCE INDEX FOR ORDER BY (j) JOIN u ON (t.id = u.id)',
    'SELECT a FROM t, LATERAL (SELECT b FROM u WHERE u.id = t.id) AS l',
    'SELECT a FROM t WHERE a > ANY (SELECT b FROM u) AND NOT EXISTS (SELECT 1) OR (b) IN (1)',
    'SELECT a FROM t WHERE ? MEMBER OF (b) AND c LIKE ? ESCAPE (?)',
    'SELECT DATE_ADD(a, INTERVAL (1 + 1) DAY), CASE WHEN (a) THEN (b) ELSE (c) END FROM t',
    'SELECT a FROM t WHERE MATCH (a, b) AGAINST (? IN BOOLEAN MODE)',
    "SELECT j.a FROM JSON_TABLE(?, '$[*]' COLUMNS (a INT PATH '$.a', NESTED PATH '$.b' COLUMNS (c VARCHAR(9) PATH '$'))) AS j",
    'SELECT a FROM t WHERE (a, b) IN ((1, 2), (3, 4)) AND c LIKE (?) AND d BETWEEN (1) AND (2)',
    'SELECT a DIV (2), a MOD (3), TRIM(LEADING (b) FROM c) FROM t',
  ],
  'transaction control': [
    'BEGIN',
    'begin work;',
    'START TRANSACTION',
    'START TRANSACTION READ ONLY',
    'START TRANSACTION /* now */ WITH CONSISTENT SNAPSHOT, READ WRITE',
    'COMMIT',
    'COMMIT WORK AND NO CHAIN NO RELEASE',
    'ROLLBACK',
    'ROLLBACK NO RELEASE',
    'SAVEPOINT sp1',
    'SAVEPOINT `a b`;',
    'SAVEPOINT ??',
    'ROLLBACK TO sp1',
    'ROLLBACK WORK TO SAVEPOINT sp1',
    'RELEASE SAVEPOINT sp1',
  ],
  lexing: [
    "SELECT 'a@b.c', ';', 'it''s', _utf8mb4'x', N'x', x'ff', b'01', 0xff, 1e3, .5, 1.5e-3",
    'SELECT "get_lock(1) @a" FROM t',
    'SELECT `a@b`, `f(`, `x``y` FROM `d`.`t`',
    'SELECT 1 /* ; SET @a = 1 */ -- get_lock()',
    'SELECT 1 # @a\n, 2 --\n, 3 --\t@',
    'SELECT 5--1',
    '/* trace */ SELECT /*+ MAX_EXECUTION_TIME(1000) SET_VAR(sort_buffer_size = 16M) */ 1',
    `SELECT 'C:${backslash}${backslash}x', '50${backslash}%'`,
    'SELECT a->"$.b", a->>\'$.c\', a <=> b, a != b, !a, ~b, a || b, a && b, a ^ b, a << 1 FROM t',
    'SELECT straße FROM größe WHERE 名前 = :name AND id > :id',
    'SELECT a FROM t WHERE a LIKE ? ESCAPE ? ORDER BY ? LIMIT ? OFFSET ?',
  ],
  'what ORMs write': [
    // Knex
    'select `users`.*, count(`posts`.`id`) as `n` from `users` left join `posts` on `posts`.`user_id` = `users`.`id` where `users`.`email` = ? and (`a` = ? or `b` is null) group by `users`.`id` order by `users`.`id` desc limit ?',
    'insert into `users` (`email`, `name`) values (?, ?), (?, ?) on duplicate key update `name` = values(`name`)',
    'BEGIN;',
    'SAVEPOINT trx2;',
    'RELEASE SAVEPOINT trx2;',
    'with `recent` as (select `id` from `posts`) select * from `recent` where exists (select 1)',
    // Kysely
    'select `id`, concat(`first`, ?, `last`) as `full` from `person` as `p` inner join lateral (select 1) as `l` on true where (`p`.`a` = ? and not `p`.`b` in (?, ?))',
    'insert into `person` (`first`) values (?) on duplicate key update `first` = ?',
    'with `a`(`x`) as (select ? as `x`), `b`(`y`, `z`) as (select 1, 2) select * from `a`',
    // Drizzle
    'select `id`, `data`, (select coalesce(json_arrayagg(json_array(`u`.`id`)), json_array()) from (select * from `posts` `u`) `u`) as `posts` from `users` where (`users`.`id` = ? and `users`.`name` like ?) order by `users`.`id` asc limit ? for update',
    'insert into `users` (`id`, `name`) values (default, ?)',
    'update `users` set `name` = ?, `updated_at` = now() where `users`.`id` = ?',
    // Sequelize
    "SELECT `User`.`id`, COUNT(`posts`.`id`) AS `n` FROM `Users` AS `User` LEFT OUTER JOIN `Posts` AS `posts` ON `User`.`id` = `posts`.`UserId` WHERE `User`.`email` = 'a@b.c' AND (`User`.`age` >= 18) LIMIT 0, 10;",
    "INSERT INTO `Users` (`id`,`name`,`createdAt`) VALUES (DEFAULT,?,'2026-01-02 03:04:05');",
    'START TRANSACTION;',
    'SAVEPOINT `7f1d2a6e-sp-1`;',
    // TypeORM
    'SELECT `User`.`id` AS `User_id`, `User`.`name` AS `User_name` FROM `user` `User` WHERE ((`User`.`id` = ?) AND (`User`.`deletedAt` IS NULL)) LIMIT 1',
    'INSERT INTO `user`(`id`, `name`) VALUES (DEFAULT, ?)',
    'ROLLBACK TO SAVEPOINT typeorm_1',
    'SELECT `id`, `createdAt` FROM `user` WHERE `id` = ? /* ServerSide */',
  ],
}

const MAY_CHANGE: Readonly<Record<string, readonly string[]>> = {
  'other statements': [
    '',
    ';',
    '-- nothing',
    'SET NAMES utf8mb4',
    'SET autocommit = 0',
    'SET STATEMENT max_statement_time = 1 FOR SELECT 1',
    'USE d',
    'CALL p()',
    'CREATE TEMPORARY TABLE t (a INT)',
    'DROP TABLE t',
    'ALTER TABLE t ADD a INT',
    'TRUNCATE t',
    'TRUNCATE(1)',
    'LOCK TABLES t READ',
    'UNLOCK TABLES',
    'HANDLER t OPEN',
    "PREPARE s FROM 'SELECT 1'",
    'EXECUTE s',
    'DEALLOCATE PREPARE s',
    "XA START 'x'",
    "LOAD DATA INFILE 'x' INTO TABLE t",
    'FLUSH TABLES WITH READ LOCK',
    'KILL 5',
    'GRANT ALL ON d TO u',
    'ANALYZE TABLE t',
    'BEGIN NOT ATOMIC SELECT 1; END',
    '`select` 1',
  ],
  'transaction control with more behind it': [
    'COMMIT AND CHAIN',
    'ROLLBACK AND CHAIN',
    'COMMIT RELEASE',
    'ROLLBACK RELEASE',
    'START TRANSACTION READ ONLY SET',
    'START SLAVE',
    'RELEASE sp1',
    'SAVEPOINT',
    'SAVEPOINT @a',
    'SAVEPOINT a b',
    'BEGIN; SET @a = 1',
    'START TRANSACTION; SELECT 1',
  ],
  'variables and INTO': [
    'SELECT @a',
    'SELECT @@sql_mode',
    'SELECT @a := 1',
    'SELECT a := 1',
    'SELECT a INTO @b FROM t',
    "SELECT a FROM t INTO OUTFILE '/tmp/x'",
    'SELECT a INTO b FROM t',
    '(SELECT a FROM t) INTO b',
    'WITH c AS (SELECT 1) SELECT * FROM c INTO d',
    'UPDATE t SET a = @a',
    'SHOW GRANTS FOR u@localhost',
  ],
  'more than one statement': [
    'SELECT 1; SET @a = 1',
    'SELECT 1; SELECT 2',
    'SELECT 1;;',
    'SELECT 1 ; /* x */ DO 1',
    "SELECT '\\'; SET @a = 1 -- '",
  ],
  'functions not known to be harmless': [
    "SELECT GET_LOCK('a', 1)",
    "SELECT get_lock /* x */ ('a', 1)",
    'SELECT GET_LOCK\n-- x\n(?, 1)',
    "DO RELEASE_LOCK('a')",
    'SELECT RELEASE_ALL_LOCKS()',
    'SELECT LAST_INSERT_ID(5)',
    'UPDATE t SET id = LAST_INSERT_ID(id + 1)',
    'SELECT NEXTVAL(s)',
    'SELECT NEXT VALUE FOR s',
    'SELECT PREVIOUS VALUE FOR s',
    'SELECT s.nextval',
    'SELECT SETVAL(s, 5)',
    'SELECT my_function(1)',
    'SELECT db.abs(1)',
    'SELECT db . in (1)',
    'SELECT `db`.`f`(1)',
    'SELECT `f`(1)',
    'SELECT `count`(1)', // a stored function of that name: MariaDB 10.11
    'SELECT "f"(1)',
    'SELECT ??(1)',
    'SELECT ?(1)',
    'SELECT :f(1)',
    'SELECT f ?',
    'SELECT db.f ?',
    'SELECT `f` ?',
    'SELECT 1fn(2)',
    'SELECT größe(1)',
    'SELECT \u212aill(1)',
    'SELECT is_free_loc\u212a(1)',
    'SELECT against(1), columns(1), escape(1)', // callable in MariaDB 10.11
    'SELECT over(1)',
    'SELECT a FROM t PROCEDURE ANALYSE(10)',
    'INSERT INTO t (a) VALUES (f(1))',
    'INSERT INTO t SELECT a, f(b) FROM u',
    'SELECT a, f(b) FROM t',
    'SELECT a FROM t GROUP BY a WITH ROLLUP HAVING f(a)',
    'WITH a (x) AS (SELECT 1), b (y) AS (SELECT f(1)) SELECT 1',
    'SELECT a FROM t WHERE a IN (SELECT f(1))',
    'SELECT j FROM t, f((SELECT 1))',
    'EXPLAIN SELECT f(1)',
    'SELECT a FROM (SELECT 1) AS t (x) WHERE f(x)',
  ],
  lexing: [
    'SELECT 1 /*! , @a := 1 */',
    '/*!50000 SELECT 1 */',
    'SELECT /*M! 1, */ 2',
    'SELECT /*M!100100 1 */',
    'SELECT /*+ QB_NAME(`*/`) */ get_lock(1, 1)',
    'SELECT 1 /* open',
    "SELECT 'open",
    'SELECT "open',
    'SELECT `open',
    "SELECT 'a\\'",
    "SELECT 'it\\'s'",
    'SELECT "\\" , f(1) , "\\""',
    "SELECT {ts '2026-01-01 00:00:00'}",
    'SELECT {fn NOW()}',
    'SELECT \\N',
    'SELECT 1\0',
    'SELECT\u00a01',
    'SELECT [a]',
    'SELECT 5--@a',
    'SELECT :a:=1',
  ],
}

for (const [topic, statements] of Object.entries(HARMLESS)) {
  void t.test(`harmless: ${topic}`, async (t) => {
    for (const sql of statements) t.equal(judge(sql), 'harmless', sql)
  })
}

for (const [topic, statements] of Object.entries(MAY_CHANGE)) {
  void t.test(`may change: ${topic}`, async (t) => {
    for (const sql of statements) t.equal(judge(sql), 'mayChange', sql)
  })
}

void t.test('functions the user declares safe', async (t) => {
  const safe = new Set(['slug', 'app.score'])
  t.equal(judge('SELECT Slug(a), db.slug(b), `slug`(c)', safe), 'harmless')
  t.equal(judge('SELECT app.score(a), `App` . `Score` (b)', safe), 'harmless')
  t.equal(judge('SELECT score(a)', safe), 'mayChange')
  t.equal(judge('SELECT other.score(a)', safe), 'mayChange')
  t.equal(judge('SELECT "slug"(a)', safe), 'mayChange')
})

void t.test('the cache', async (t) => {
  const cache = new VerdictCache({ capacity: 4, safeFunctions: new Set(['Slug']) })
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 10; i++) {
      t.equal(cache.judge(`SELECT slug(${i})`), 'harmless')
      t.equal(cache.judge(`SELECT other(${i})`), 'mayChange')
    }
  }
  const long = `SELECT '${'x'.repeat(5000)}'`
  t.equal(cache.judge(long), 'harmless')
  t.equal(new VerdictCache().judge('SELECT slug(1)'), 'mayChange')
})

void t.test('values that stay values', async (t) => {
  const scalars = [
    1,
    'a',
    2n,
    true,
    null,
    undefined,
    new Date(),
    Buffer.from('a'),
    new Uint8Array(1),
  ]
  t.ok(bindsOnlyScalars(undefined))
  t.ok(bindsOnlyScalars('a'))
  t.ok(bindsOnlyScalars(scalars))
  t.ok(bindsOnlyScalars([]))
  t.ok(bindsOnlyScalars([scalars, 1]))
  t.ok(bindsOnlyScalars({ id: 1, ids: [1, 2] }))
  t.ok(bindsOnlyScalars(Object.assign(Object.create(null), { id: 1 })))

  const raw = { toSqlString: () => "GET_LOCK('a', 1)" }
  for (const value of [raw, {}, [], [[1]], [raw], new Map(), new Set([1]), () => 1, Symbol('a')]) {
    t.notOk(bindsOnlyScalars([value]))
    t.notOk(bindsOnlyScalars({ value }))
  }
  t.notOk(bindsOnlyScalars(raw))
  t.notOk(bindsOnlyScalars(new Map()))
  t.notOk(bindsOnlyScalars(Object.create({ inherited: raw })))
})
