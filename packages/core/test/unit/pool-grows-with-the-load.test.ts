import t from 'tap'

import { Growth, GROWTH_TICK_MS } from '#core/pool/growth.js'

interface Load {
  /** Requests that are there from the start. */
  burst: number
  /** Requests that come in every millisecond. */
  perMs?: number
  useMs: number
  connectMs: number
  open: number
  max: number
  maxParallel?: number
  /** When to stop. */
  forMs: number
}

/** A pool in steps of one millisecond, around the policy alone. */
function simulate(load: Load): { opened: number; mostParallel: number; atMax: number | undefined } {
  const { burst, perMs = 0, useMs, connectMs, max, maxParallel = 32, forMs } = load
  const growth = new Growth(maxParallel)
  // As after connects at the start, which every pool has behind it.
  growth.connected(connectMs, 0)
  let { open } = load
  let waiting = burst
  let inUse: number[] = []
  let connects: number[] = []
  let mostParallel = 0
  let atMax: number | undefined
  growth.begin(waiting)
  for (let now = 0; now < forMs; now++) {
    waiting += perMs
    inUse = inUse.filter((until) => until > now)
    const done = connects.filter((at) => at <= now).length
    connects = connects.filter((at) => at > now)
    for (let i = 0; i < done; i++) growth.connected(connectMs, waiting)
    open += done
    while (waiting >= 1 && inUse.length < open) {
      waiting--
      inUse.push(now + useMs)
    }
    if (now > 0 && now % GROWTH_TICK_MS === 0 && waiting >= 1) growth.tick(waiting)
    const wanted = growth.wanted(Math.floor(waiting), connects.length, max - open - connects.length)
    for (let i = 0; i < wanted; i++) connects.push(now + connectMs)
    mostParallel = Math.max(mostParallel, connects.length)
    if (open === max) atMax ??= now
  }
  return { opened: open - load.open, mostParallel, atMax }
}

void t.test(
  'a spike that is over before a connect would be done opens next to nothing',
  async (t) => {
    const { opened } = simulate({
      burst: 50,
      useMs: 2,
      connectMs: 150,
      open: 5,
      max: 50,
      forMs: 1000,
    })
    t.ok(opened <= 5, `opened ${opened}`)
  },
)

void t.test('a lasting load reaches the maximum soon', async (t) => {
  const load = { burst: 5, perMs: 1, useMs: 100, connectMs: 150, open: 5, max: 50, forMs: 2000 }
  const { atMax } = simulate(load)
  t.ok(atMax !== undefined && atMax < 500, `all open after ${atMax} ms`)
})

void t.test('a burst that nobody can serve opens all that it needs in parallel', async (t) => {
  const { opened, atMax } = simulate({
    burst: 200,
    useMs: 1000,
    connectMs: 100,
    open: 0,
    max: 50,
    forMs: 1000,
  })
  t.equal(opened, 50)
  t.ok(atMax !== undefined && atMax <= 300, `all open after ${atMax} ms`)
})

void t.test('never more at the same time than the bound', async (t) => {
  for (const maxParallel of [1, 4, 10]) {
    const load = {
      burst: 500,
      useMs: 1000,
      connectMs: 50,
      open: 0,
      max: 50,
      maxParallel,
      forMs: 3000,
    }
    const { mostParallel, opened } = simulate(load)
    t.equal(mostParallel, maxParallel)
    t.equal(opened, 50)
  }
})

void t.test('no more than who waits, than the room, than is under way already', async (t) => {
  const growth = new Growth(32)
  growth.begin(100)
  for (let i = 0; i < 5; i++) growth.tick(100)
  t.equal(growth.wanted(100, 0, 100), 32)
  t.equal(growth.wanted(3, 0, 100), 3)
  t.equal(growth.wanted(3, 2, 100), 1)
  t.equal(growth.wanted(100, 30, 100), 2)
  t.equal(growth.wanted(100, 0, 7), 7)
  t.equal(growth.wanted(2, 5, 100), 0)
  t.equal(growth.wanted(100, 0, -1), 0)
})

void t.test('each time that somebody waits anew, it begins with one', async (t) => {
  const growth = new Growth(32)
  growth.begin(100)
  growth.tick(100)
  growth.tick(100)
  t.equal(growth.wanted(100, 0, 100), 4)
  growth.begin(100)
  t.equal(growth.wanted(100, 0, 100), 1)
})
