import { createRequire } from 'node:module'

import t from 'tap'

const require = createRequire(import.meta.url)
const OURS = new Set(['createPool', 'createPoolCluster', 'Pool', 'PoolCluster', 'PromisePool'])

for (const path of ['', '/promise']) {
  const theirs = require(`mysql2${path}`) as Record<string, unknown>
  void t.test(`mysql2${path}`, async (t) => {
    const imported = (await import(`@lifeguard/mysql2${path}`)) as Record<string, unknown>
    const ways = {
      import: imported,
      'import default': imported['default'] as Record<string, unknown>,
      require: require(`@lifeguard/mysql2${path}`) as Record<string, unknown>,
    }
    for (const [way, ours] of Object.entries(ways)) {
      for (const name of Object.keys(theirs)) {
        const isOurs = OURS.has(name) || /^create.*Promise$/.test(name)
        if (isOurs) t.equal(typeof ours[name], 'function', `${way}: ${name} is ours`)
        else t.equal(ours[name], theirs[name], `${way}: ${name}`)
        if (OURS.has(name)) t.not(ours[name], theirs[name], `${way}: ${name}`)
      }
    }
  })
}
