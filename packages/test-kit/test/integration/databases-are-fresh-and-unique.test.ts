import { adminQuery, createDatabase, sharedDatabase } from '@lifeguard/test-kit'
import t from 'tap'

void t.test('the same wish twice gives two databases', async (t) => {
  const server = await sharedDatabase()
  const [one, two] = await Promise.all([
    createDatabase(server, 'same-name'),
    createDatabase(server, 'same-name'),
  ])
  t.not(one.name, two.name)
  t.match(one.name, /^same_name_/)
  t.ok(one.uri.endsWith(`/${one.name}`))

  const exists = `SELECT default_character_set_name AS charset FROM information_schema.schemata
                  WHERE schema_name = '${one.name}'`
  t.strictSame(await adminQuery(server, exists), [{ charset: 'utf8mb4' }])
  await one.drop()
  await one.drop()
  await two.drop()
  t.strictSame(await adminQuery(server, exists), [])
})
