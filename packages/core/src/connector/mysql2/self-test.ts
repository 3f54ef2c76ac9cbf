import { codeOf } from '../../errors.ts'
import type { Mysql2Session } from './session.ts'

export type ObservedSession = Pick<
  Mysql2Session,
  'control' | 'query' | 'queryUnjudged' | 'report' | 'setObservable'
>

/**
 * Whether what the wire reads from mysql2's private parts is right on this version of mysql2 and this
 * server: a transaction is seen to open and to end, also at the end of a SELECT, and a change of a
 * variable is noticed. False means: trust nothing, reset after every use.
 */
export async function observes(session: ObservedSession): Promise<boolean> {
  session.setObservable(true)
  try {
    await session.control('SET session_track_state_change = ON')
    await session.control('START TRANSACTION')
    const opened = session.report().transaction === 'open'
    await session.query('SELECT 1')
    const seenInSelect = session.report().transaction === 'open' && !session.report().changed
    await session.control('ROLLBACK')
    const ended = session.report().transaction === 'none'
    await session.query('DO 1')
    const quiet = !session.report().changed
    // A change that leaves nothing behind: the clock is the server's before and after. Its text alone would mark
    // the session as changed, and so prove nothing of the server's tracking.
    await session.queryUnjudged('SET timestamp = DEFAULT')
    return opened && seenInSelect && ended && quiet && session.report().changed
  } catch (error) {
    // A server that does not know the tracking variable answers an error with an SQL state.
    if (codeOf(error)?.startsWith('ER_')) return false
    throw error
  } finally {
    session.setObservable(false)
  }
}
