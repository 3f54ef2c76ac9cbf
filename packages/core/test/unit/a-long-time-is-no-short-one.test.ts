import t from 'tap'

import { SYSTEM_CLOCK } from '#core/util/clock.js'

void t.test('what node has no timer for is waited for all the same', async (t) => {
  let fired = 0
  const timers = [Infinity, 2 ** 31, 2 ** 40].map((delay) =>
    SYSTEM_CLOCK.after(delay, () => fired++),
  )
  await new Promise((resolve) => setTimeout(resolve, 30))
  t.equal(fired, 0)
  for (const timer of timers) timer.cancel()
})
