import type { Connector } from '#core/connector/connector.js'
import {
  type PoolOptions,
  type ResolvedPoolOptions,
  resolvePoolOptions,
} from '#core/options/options.js'
import { Pool } from '#core/pool.js'
import { PoolEngine } from '#core/pool/pool-engine.js'
import type { Clock } from '#core/util/clock.js'

import { FakeConnector } from './fake-connector.ts'
import { VirtualClock } from './virtual-clock.ts'

// The constructor is internal, so that the declaration files don't have it.
const MakePool = Pool as unknown as new (
  connector: Connector,
  options: ResolvedPoolOptions,
  clock: Clock,
) => Pool

interface Fakes {
  readonly clock: VirtualClock
  readonly server: FakeConnector
}

/** A pool on virtual time over a fake server. It opens nothing ahead of demand, unless `min` is given. */
export function fakePool(
  options: PoolOptions = {},
  server: Partial<FakeConnector> = {},
): Fakes & { readonly pool: Pool } {
  const fakes = makeFakes(server)
  const resolved = resolvePoolOptions({ min: 0, ...options })
  return { ...fakes, pool: new MakePool(fakes.server, resolved, fakes.clock) }
}

/** As `fakePool`, without scopes, and with chance in the test's hand: a number from 0 up to 1. */
export function fakeEngine(
  options: PoolOptions = {},
  server: Partial<FakeConnector> = {},
  random: () => number = () => 0.5,
): Fakes & { readonly engine: PoolEngine } {
  const fakes = makeFakes(server)
  const resolved = resolvePoolOptions({ min: 0, ...options })
  return { ...fakes, engine: new PoolEngine(fakes.server, resolved, fakes.clock, random) }
}

function makeFakes(behaviour: Partial<FakeConnector>): Fakes {
  const clock = new VirtualClock()
  return { clock, server: Object.assign(new FakeConnector(clock), behaviour) }
}
