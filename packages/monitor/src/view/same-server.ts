/**
 * Of the addresses of pools, those of the server that was asked. Where all pools have the same it is that one, whatever
 * it is called here; where none has this one, nobody can tell, and all may be it.
 */
export function sameServer(targets: readonly string[], server: string): ReadonlySet<string> {
  const own = targets.filter((target) => plainAddress(target) === plainAddress(server))
  return new Set(own.length === 0 || new Set(targets).size === 1 ? targets : own)
}

function plainAddress(target: string): string {
  return target.replace(/^(?:localhost|\[::1\]):/, '127.0.0.1:')
}
