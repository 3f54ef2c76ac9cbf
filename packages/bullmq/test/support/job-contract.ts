import { createPool } from '@lifeguard/core'
import { canStartServers } from '@lifeguard/test-kit'
import { leavesNothing, World } from '@lifeguard/test-kit/http-contract'
import t from 'tap'

import type { BullMQ } from './bullmq-majors.ts'
import { JOB_ENDINGS, openJobWorld } from './job-endings.ts'

/** Every way in which a job can end, twice at the same time. */
export function jobContract(name: string, bullmq: BullMQ): void {
  void t.test(`${name}: every ending of a job`, async (t) => {
    const world = await World.create((uri, max) => createPool({ uri, max }))
    t.teardown(() => world.close())
    for (const ending of JOB_ENDINGS) {
      const skip = ending.ownRedis === true && !canStartServers('redis')
      await t.test(ending.name, { skip }, async (t) => {
        const on = await openJobWorld(t, bullmq, world, ending)
        await leavesNothing(t, world, ending, async (marker) => {
          const job = await on.queue.add(marker, {}, ending.job ?? {})
          await ending.meanwhile(job, marker, on)
        })
      })
    }
    await t.test('and nothing is left at the server', () => world.nothingOpen())
  })
}
