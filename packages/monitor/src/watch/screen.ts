import type { WriteStream } from 'node:tty'

const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const CLEAR_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'
/** Terminals that know it show all of a change at once. */
const BEGIN_UPDATE = '\u001b[?2026h'
const END_UPDATE = '\u001b[?2026l'

/** A terminal of which we have all, until `leave`; what was on it is there again then. */
export class Screen {
  readonly #out: WriteStream
  #shown = ''

  constructor(out: WriteStream) {
    this.#out = out
    out.write(ENTER)
  }

  /** Over what is there, without clearing it first: so nothing flickers. */
  show(lines: readonly string[]): void {
    const text = lines.map((line) => line + CLEAR_LINE).join('\r\n')
    if (text === this.#shown) return
    this.#shown = text
    this.#out.write(BEGIN_UPDATE + HOME + text + CLEAR_BELOW + END_UPDATE)
  }

  leave(): void {
    this.#out.write(LEAVE)
  }
}
