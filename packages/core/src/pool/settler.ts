import type { Connector, Session } from '../connector/connector.ts'
import { LifeguardError } from '../errors.ts'
import type { Facts } from '../observe/events.ts'
import type { Counters } from '../observe/stats.ts'
import { planSettle, type SettleMode } from '../session/settle-plan.ts'
import type { Clock } from '../util/clock.ts'
import { TIMED_OUT, within } from '../util/within.ts'
import type { EvictReason, Slot } from './slot.ts'

const KILL_AGAIN_MS = 100

export interface SettlerOptions {
  readonly mode: SettleMode
  /** For each step, in milliseconds. */
  readonly timeout: number
}

/** Makes a used session fit for the next borrower, or says that it can't be. */
export class Settler {
  readonly #connector: Connector
  readonly #options: SettlerOptions
  readonly #clock: Clock
  readonly #counters: Counters
  readonly #facts: Facts

  constructor(
    connector: Connector,
    options: SettlerOptions,
    clock: Clock,
    counters: Counters,
    facts: Facts,
  ) {
    this.#connector = connector
    this.#options = options
    this.#clock = clock
    this.#counters = counters
    this.#facts = facts
  }

  /** Undefined when the session is clean, else why it has to go. Never rejects. */
  async settle(slot: Slot, label: string): Promise<EvictReason | undefined> {
    const session = slot.session!
    try {
      return await this.#settle(slot, session, label)
    } catch (cause) {
      slot.trouble = cause
      return session.report().dead ? 'connection lost' : 'settle failed'
    }
  }

  /** Ends the running statement at the server. Resolves when nothing runs any more; rejects if it will not end. */
  async interrupt(slot: Slot, label: string): Promise<void> {
    const session = slot.session!
    this.#counters.kills++
    if (this.#facts.killed.heard) {
      this.#facts.killed.tell({ pool: this.#facts.pool, connection: slot.id, label })
    }
    await this.#killUntilSettled(session)
  }

  /** A KILL that comes before the server has begun with the statement ends nothing: then it is sent again. */
  async #killUntilSettled(session: Session): Promise<void> {
    const settled = session.settled()
    const deadline = this.#clock.now() + this.#options.timeout
    for (;;) {
      // Even where the KILL fails, the statement may end by itself in time.
      await this.#inTime(this.#connector.kill(session.threadId, 'query').catch(() => {}))
      const left = deadline - this.#clock.now()
      const ended = await within(this.#clock, Math.min(left, KILL_AGAIN_MS), settled)
      if (ended !== TIMED_OUT) return
      if (left <= KILL_AGAIN_MS) throw new Error(`no answer within ${this.#options.timeout} ms`)
    }
  }

  async #settle(slot: Slot, session: Session, label: string): Promise<EvictReason | undefined> {
    // mysql2 reports the end of a stream just before the command has ended.
    if (session.report().busy) await new Promise((resolve) => setImmediate(resolve))
    if (session.dead) return 'connection lost'
    if (session.report().busy) {
      await this.#endStatement(slot, session, label)
      session.markChanged()
    }
    if (await this.#inTime(session.becameReadOnly())) return 'read-only server'

    const report = session.report()
    const plan = planSettle(report, this.#options.mode)
    if (plan === 'none') return undefined
    if (plan === 'evict') return report.dead ? 'connection lost' : 'settle failed'
    if (report.transaction !== 'none') {
      this.#counters.rollbacks++
      if (this.#facts.rolledBack.heard) {
        const certain = report.transaction === 'open'
        this.#facts.rolledBack.tell({
          pool: this.#facts.pool,
          connection: slot.id,
          label,
          certain,
        })
      }
    }
    if (plan === 'reset') {
      this.#counters.resets++
      await this.#inTime(session.reset())
      if (this.#facts.reset.heard) {
        this.#facts.reset.tell({ pool: this.#facts.pool, connection: slot.id, label })
      }
      // With `always`, or where nothing can be observed, the reset itself is the proof.
      return session.report().transaction === 'open' ? 'settle failed' : undefined
    }
    await this.#inTime(session.control('ROLLBACK'))
    // An XA transaction survives a ROLLBACK.
    return planSettle(session.report(), 'auto') === 'none' ? undefined : 'settle failed'
  }

  async #endStatement(slot: Slot, session: Session, label: string): Promise<void> {
    session.abandon(
      new LifeguardError(
        'ERR_LEASE_RELEASED',
        `the connection was released while this statement was running, which ends it (${label})`,
      ),
    )
    try {
      await this.interrupt(slot, label)
    } catch (error) {
      // Closing the socket alone would leave the statement, and its locks, to run on.
      await this.#inTime(this.#connector.kill(session.threadId, 'connection')).catch(() => {})
      throw error
    }
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    const answer = await within(this.#clock, this.#options.timeout, work)
    if (answer === TIMED_OUT) throw new Error(`no answer within ${this.#options.timeout} ms`)
    return answer
  }
}
