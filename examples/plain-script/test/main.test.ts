import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { createDatabase, sharedDatabase } from '@lifeguard/test-kit'
import t from 'tap'

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

void t.test('the script moves the money, once, and ends by itself', async (t) => {
  const database = await createDatabase(await sharedDatabase())
  t.teardown(() => database.drop())
  const { stdout } = await promisify(execFile)(process.execPath, [main], {
    env: { ...process.env, DATABASE_URL: database.uri },
  })
  t.match(stdout, '2 transfers failed')
  t.match(stdout, 'account 1: 0, account 2: 200')
  t.match(stdout, /uses of [1-4] connections/)
})
