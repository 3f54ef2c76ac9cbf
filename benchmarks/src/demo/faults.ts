/** The header of a request that is to fail in the middle of its transaction, and of every error's answer. */
export const FAULT_HEADER = 'x-demo-fault'
export const ERROR_HEADER = 'x-demo-error'

/** The fault that the demo itself causes. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault'

  constructor() {
    super('thrown on purpose in the middle of a transaction')
  }
}

export type ErrorKind = 'injected' | 'tooMany' | 'timeout' | 'other'

/** A short name of the error for the answer: `injected`, a code, or the class. */
export function nameOf(error: Error): string {
  if (error instanceof InjectedFault) return 'injected'
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : error.name
}

export function kindOf(name: string): ErrorKind {
  if (name === 'injected') return 'injected'
  if (name === 'ER_CON_COUNT_ERROR' || name === 'ER_TOO_MANY_USER_CONNECTIONS') return 'tooMany'
  if (name === 'ERR_ACQUIRE_TIMEOUT' || name === 'ETIMEDOUT') return 'timeout'
  if (name === 'ER_LOCK_WAIT_TIMEOUT') return 'timeout'
  return 'other'
}
