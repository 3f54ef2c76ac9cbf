import t from 'tap'

import { framesOfCaller } from '#core/pool/caller-stack.js'

const OWN = ['file:///srv/lib/core/dist/', 'file:///srv/lib/core/src/']
const node = '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)'
const app = '    at cart (file:///srv/shop/src/cart.js:12:7)'
const fastify = '    at preHandler (/srv/shop/node_modules/fastify/lib/handle-request.js:190:24)'
const own = '    at PoolEngine.acquire (file:///srv/lib/core/dist/pool/pool-engine.js:10:3)'
const mapped = '    at PoolEngine.acquire (file:///srv/lib/core/src/pool/pool-engine.ts:10:3)'
const sibling =
  '    at Scope.query (file:///srv/shop/node_modules/@lifeguard/express/dist/index.js:1:1)'
const onWindows = '    at run (file:///C:\\shop\\node_modules\\@lifeguard\\core\\dist\\pool.js:1:1)'

void t.test('frames of this package and of those beside it are left out', async (t) => {
  const frames = [own, mapped, sibling, onWindows, '    at new Promise (<anonymous>)', app, fastify]
  t.strictSame(framesOfCaller([...frames, node], OWN), [app, fastify, node])
})

void t.test('but not where no other is left', async (t) => {
  t.strictSame(framesOfCaller([own, node], OWN), [own, node])
  t.strictSame(framesOfCaller([], OWN), [])
})

void t.test('bundled, nobody knows which are ours', async (t) => {
  t.strictSame(framesOfCaller([app, node], []), [app, node])
})
