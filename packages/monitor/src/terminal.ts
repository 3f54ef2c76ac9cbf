import type { ReadStream, WriteStream } from 'node:tty'

import { makeStyle, type Style } from './text/style.ts'

/** Where the command reads and writes. Data goes to `out`, everything else to `err`. */
export interface Terminal {
  readonly in: ReadStream
  readonly out: WriteStream
  readonly err: WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface StyleOptions {
  /** Default: where `out` is a terminal, `NO_COLOR` is not set, or `FORCE_COLOR` is. */
  readonly color?: boolean | undefined
  /** Default: where the locale is not UTF-8. */
  readonly ascii?: boolean | undefined
}

export function styleOf({ out, env }: Terminal, options: StyleOptions): Style {
  return makeStyle({
    color: options.color ?? wantsColor(out, env),
    ascii: options.ascii ?? isAscii(env),
    // Some pseudo-terminals do not say how wide they are.
    width: out.isTTY ? out.columns || 80 : Infinity,
  })
}

function wantsColor(out: WriteStream, env: Terminal['env']): boolean {
  if (env['NO_COLOR']) return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return out.isTTY && env['TERM'] !== 'dumb'
}

/** Where nothing is said, as in most containers, the terminal outside understands UTF-8. */
function isAscii(env: Terminal['env']): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return env['TERM'] === 'linux' || (locale !== '' && !/utf-?8/i.test(locale))
}
