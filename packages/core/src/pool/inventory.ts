import { LinkedList } from '../util/linked-list.ts'
import { CONNECTION_STATES, type ConnectionState, canMove } from './connection-state.ts'
import { Slot } from './slot.ts'

/** Every connection of a pool, filed by state. The only code that writes `slot.state`. */
export class Inventory {
  readonly #places: { readonly [S in ConnectionState]: LinkedList<Slot> } = {
    connecting: new LinkedList(),
    idle: new LinkedList(),
    checking: new LinkedList(),
    inUse: new LinkedList(),
    settling: new LinkedList(),
    closing: new LinkedList(),
  }
  #lastId = 0
  #total = 0

  /** All connections, those that are opening or closing included: each is one at the server. */
  get total(): number {
    return this.#total
  }

  add(): Slot {
    const slot = new Slot(++this.#lastId)
    this.#places.connecting.push(slot)
    this.#total++
    return slot
  }

  move(slot: Slot, to: ConnectionState): void {
    if (!canMove(slot.state, to)) {
      throw new Error(`BUG: connection ${slot.id} cannot go from ${slot.state} to ${to}`)
    }
    this.#places[slot.state].remove(slot)
    this.#places[to].push(slot)
    slot.state = to
  }

  /** Forgets a connection that is closed. */
  remove(slot: Slot): void {
    if (slot.state !== 'closing') {
      throw new Error(`BUG: connection ${slot.id} is removed while ${slot.state}`)
    }
    this.#places.closing.remove(slot)
    this.#total--
  }

  count(state: ConnectionState): number {
    return this.#places[state].size
  }

  in(state: ConnectionState): Iterable<Slot> {
    return this.#places[state]
  }

  /** The connection that came back last: the hottest, and the rest may grow old enough to be closed. */
  get hottest(): Slot | undefined {
    return this.#places.idle.last
  }

  *[Symbol.iterator](): Generator<Slot, void, undefined> {
    for (const state of CONNECTION_STATES) yield* this.#places[state]
  }
}
