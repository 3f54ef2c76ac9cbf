import { sql, type Kind } from '../kind.ts'

/** What a view, a trigger or a default does shows neither in the statement's text nor in its answer. */
const options = { settle: 'always' } as const

/** The state that only a reset after every use takes back. */
export const hidden: readonly Kind[] = [
  sql('a user variable set by a view', 'SELECT * FROM calls_function', { options }),
  sql('a lock taken by a view', 'SELECT * FROM locks', { options }),
  sql('a lock taken by a trigger', ['BEGIN', 'DELETE FROM watched WHERE id = 0', 'ROLLBACK'], {
    options,
  }),
  sql('an id counted by the server', ['BEGIN', 'INSERT INTO counter () VALUES ()', 'ROLLBACK'], {
    options,
  }),
  sql(
    'a last value of a sequence in a default',
    ['BEGIN', 'INSERT INTO numbered () VALUES ()', 'ROLLBACK'],
    {
      options,
      servers: ['mariadb'],
    },
  ),
]
