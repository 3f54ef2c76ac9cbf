/**
 *                 ┌────────────◀──────────────┐
 *   connecting ─▶ idle ─▶ inUse ─▶ settling ──┘      idle ◀─▶ checking
 *        └──────────┴────────┴────────┴──▶ closing ◀───────────┘
 *
 * A state is a place: the inventory keeps one list for each.
 */
export const CONNECTION_STATES = [
  'connecting',
  'idle',
  'checking',
  'inUse',
  'settling',
  'closing',
] as const

export type ConnectionState = (typeof CONNECTION_STATES)[number]

const NEXT: { readonly [S in ConnectionState]: readonly ConnectionState[] } = {
  connecting: ['idle', 'closing'],
  idle: ['inUse', 'checking', 'closing'],
  checking: ['idle', 'closing'],
  // Straight back to idle where there is nothing to settle.
  inUse: ['idle', 'settling', 'closing'],
  settling: ['idle', 'closing'],
  closing: [],
}

export function canMove(from: ConnectionState, to: ConnectionState): boolean {
  return NEXT[from].includes(to)
}
