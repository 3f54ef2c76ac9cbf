import type { WriteStream } from 'node:tty'

import { bar } from '../text/bar.ts'
import { amount, duration } from '../text/duration.ts'
import { clip } from '../text/plain.ts'
import type { Style } from '../text/style.ts'
import type { Progress } from './run-load.ts'

const BAR_WIDTH = 20
const CLEAR = '\r\u001b[K'
const EVERY_MS = 5000

/** How it goes: one line that is written over on a terminal, elsewhere a line every five seconds. */
export class ProgressLine {
  readonly #out: WriteStream
  readonly #durationMs: number
  readonly #style: Style
  #next = EVERY_MS

  constructor(out: WriteStream, durationMs: number, style: Style) {
    this.#out = out
    this.#durationMs = durationMs
    this.#style = style
  }

  show(progress: Progress): void {
    const text = this.#text(progress)
    if (this.#out.isTTY) {
      this.#out.write(CLEAR + clip(text, (this.#out.columns || 80) - 1))
    } else if (progress.atMs >= this.#next) {
      this.#next += EVERY_MS
      this.#out.write(`${text}\n`)
    }
  }

  end(): void {
    if (this.#out.isTTY) this.#out.write(CLEAR)
  }

  #text({ atMs, tally, watch }: Progress): string {
    const { inUse, waiting, total } = watch.samples.at(-1)!
    const done = bar(
      Math.min(atMs, this.#durationMs),
      this.#durationMs,
      BAR_WIDTH,
      this.#style.glyphs,
    )
    const pools = total === 0 ? '' : `, ${inUse} of ${total} connections in use, ${waiting} waiting`
    return `${done} ${duration(atMs)}: ${amount((tally.answered * 1000) / atMs)} answers/s, ${amount(tally.failed)} failed${pools}`
  }
}
