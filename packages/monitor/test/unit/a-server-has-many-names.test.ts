import t from 'tap'

import { SameServer } from '#monitor/view/same-server.js'

void t.test('by its address, whatever it is called', async (t) => {
  const targets = [
    '127.0.0.1:3306',
    'localhost:3306',
    '[::1]:3306',
    '127.0.0.1:3307',
    '10.0.0.2:3306',
    'name.invalid:3306',
    '/run/mysqld/mysqld.sock',
  ]
  const same = new SameServer()
  t.strictSame([...(await same.among(targets, 'localhost:3306'))], targets.slice(0, 3))
  t.strictSame([...(await same.among(targets, '10.0.0.2:3306'))], ['10.0.0.2:3306'])
  t.strictSame([...(await same.among(targets, 'name.invalid:3306'))], ['name.invalid:3306'])
  t.strictSame([...(await same.among(['10.0.0.3:3306'], '10.0.0.2:3306'))], [])
})
