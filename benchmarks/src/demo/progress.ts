import type { ClientTally } from './clients.ts'
import type { Mode } from './database.ts'
import type { LevelResult } from './level.ts'
import type { Paint } from './paint.ts'
import { count, errorsNotInjected } from './report.ts'

export interface ProgressLine {
  update(tally: ClientTally, connected: number): void
  end(result: LevelResult): void
}

const BAR = 20
/** Where nobody looks at a terminal. */
const LINE_EVERY = 3000

/** One line that keeps changing on a terminal; a line every few seconds elsewhere. */
export class Progress {
  readonly #out: NodeJS.WriteStream
  readonly #paint: Paint
  #transient = false

  constructor(out: NodeJS.WriteStream, paint: Paint) {
    this.#out = out
    this.#paint = paint
  }

  say(text: string): void {
    this.clear()
    this.#out.write(`${text}\n`)
  }

  /** Something that will be overwritten by what comes next. */
  async during<T>(text: string, work: Promise<T>): Promise<T> {
    if (this.#out.isTTY) this.#show(this.#paint('dim', `  ${text} …`))
    return await work.finally(() => this.clear())
  }

  begin(mode: Mode, clients: number, requests: number): ProgressLine {
    const began = performance.now()
    let shownAt = began
    const title = `${mode.padEnd(7)}${count(clients).padStart(5)} clients`
    return {
      update: ({ sent, ok, errors }, connected) => {
        const wrong = sent - ok - errors.injected
        const state = `${`${count(sent)}/${count(requests)}`.padStart(13)}  ${count(connected).padStart(3)} connections  ${count(wrong)} errors`
        if (this.#out.isTTY) return this.#show(`  ${title}  ${this.#bar(sent / requests)} ${state}`)
        if (performance.now() - shownAt < LINE_EVERY) return
        shownAt = performance.now()
        this.say(`  ${title}  ${state}`)
      },
      end: (result) => {
        const seconds = ((performance.now() - began) / 1000).toFixed(1)
        const wrong = errorsNotInjected(result)
        const mark = wrong === 0 ? this.#paint('green', '✓') : this.#paint('red', '✗')
        const errors = this.#paint(
          wrong === 0 ? 'green' : 'red',
          `${count(wrong)} errors`.padStart(13),
        )
        const facts = [
          `${count(result.sent).padStart(7)} requests`,
          errors,
          `${count(result.peakConnections).padStart(4)} connections at most`,
          `${seconds.padStart(5)} s`,
        ]
        this.say(`${mark} ${title} ${facts.join('  ')}`)
      },
    }
  }

  clear(): void {
    if (this.#transient) this.#out.write('\r\x1b[2K')
    this.#transient = false
  }

  #show(text: string): void {
    this.#out.write(`\r\x1b[2K${text}`)
    this.#transient = true
  }

  #bar(share: number): string {
    const full = Math.min(BAR, Math.round(share * BAR))
    return this.#paint('cyan', '█'.repeat(full)) + this.#paint('dim', '░'.repeat(BAR - full))
  }
}
