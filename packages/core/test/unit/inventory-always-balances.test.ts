import fc from 'fast-check'
import t from 'tap'

import { canMove, CONNECTION_STATES, type ConnectionState } from '#core/pool/connection-state.js'
import { Inventory } from '#core/pool/inventory.js'
import type { Slot } from '#core/pool/slot.js'

/** What must be true, kept the simplest way: the state of every connection, by the order of arrival. */
interface Model {
  states: ConnectionState[]
  idle: number[]
}

/** The inventory, and its connections by the same order; removed ones leave the model and the list alike. */
interface Real {
  inventory: Inventory
  slots: Slot[]
}

type Command = fc.Command<Model, Real>

class Add implements Command {
  check = () => true

  run(model: Model, real: Real): void {
    model.states.push('connecting')
    real.slots.push(real.inventory.add())
    compare(model, real)
  }

  toString = () => 'add'
}

class Move implements Command {
  readonly pick: number
  readonly to: ConnectionState

  constructor(pick: number, to: ConnectionState) {
    this.pick = pick
    this.to = to
  }

  check = (model: Readonly<Model>) => model.states.length > 0

  run(model: Model, real: Real): void {
    const i = this.pick % model.states.length
    const slot = real.slots[i]!
    if (canMove(model.states[i]!, this.to)) {
      real.inventory.move(slot, this.to)
      model.idle = model.idle.filter((id) => id !== slot.id)
      if (this.to === 'idle') model.idle.push(slot.id)
      model.states[i] = this.to
    } else {
      mustThrow(() => real.inventory.move(slot, this.to))
    }
    compare(model, real)
  }

  toString = () => `move ${this.pick} to ${this.to}`
}

class Remove implements Command {
  readonly pick: number

  constructor(pick: number) {
    this.pick = pick
  }

  check = (model: Readonly<Model>) => model.states.length > 0

  run(model: Model, real: Real): void {
    const i = this.pick % model.states.length
    const slot = real.slots[i]!
    if (model.states[i] === 'closing') {
      real.inventory.remove(slot)
      model.states.splice(i, 1)
      real.slots.splice(i, 1)
    } else {
      mustThrow(() => real.inventory.remove(slot))
    }
    compare(model, real)
  }

  toString = () => `remove ${this.pick}`
}

function compare(model: Model, { inventory, slots }: Real): void {
  same(inventory.total, model.states.length, 'total')
  same([...inventory].length, model.states.length, 'connections listed')
  for (const state of CONNECTION_STATES) {
    const expected = model.states.filter((one) => one === state).length
    same(inventory.count(state), expected, `count of ${state}`)
    const listed = [...inventory.in(state)]
    same(listed.length, expected, `connections listed as ${state}`)
    same(
      listed.every((slot) => slot.state === state && slots.includes(slot)),
      true,
      `list of ${state}`,
    )
  }
  same(inventory.hottest?.id, model.idle.at(-1), 'hottest')
}

function same(found: unknown, wanted: unknown, what: string): void {
  if (found !== wanted) throw new Error(`${what}: found ${String(found)}, wanted ${String(wanted)}`)
}

function mustThrow(work: () => void): void {
  try {
    work()
  } catch (error) {
    same(
      /^BUG: connection \d+ /.test((error as Error).message),
      true,
      'message names the connection',
    )
    return
  }
  throw new Error('an illegal move was allowed')
}

void t.test('whatever moves are tried, counts and lists agree', async (t) => {
  const pick = fc.nat(19)
  const commands = fc.commands(
    [
      fc.constant(new Add()),
      fc.tuple(pick, fc.constantFrom(...CONNECTION_STATES)).map(([i, to]) => new Move(i, to)),
      pick.map((i) => new Remove(i)),
    ],
    { maxCommands: 80 },
  )
  const setup = () => ({
    model: { states: [], idle: [] } as Model,
    real: { inventory: new Inventory(), slots: [] } as Real,
  })
  fc.assert(
    fc.property(commands, (list) => fc.modelRun(setup, list)),
    { numRuns: 300 },
  )
  t.pass()
})

void t.test('a connection may move on while its place is listed', async (t) => {
  const inventory = new Inventory()
  const slots = [inventory.add(), inventory.add(), inventory.add()]
  for (const slot of inventory.in('connecting')) inventory.move(slot, 'idle')
  t.equal(inventory.count('idle'), slots.length)
  t.strictSame(
    slots.map((slot) => slot.id),
    [1, 2, 3],
    'ids are not used twice',
  )
})
