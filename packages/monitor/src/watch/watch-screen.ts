import { once } from 'node:events'
import { emitKeypressEvents } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

import { ExitCode } from '../exit-code.ts'
import { diagnose } from '../health/diagnose.ts'
import type { Thresholds } from '../health/finding.ts'
import { styleOf, type StyleOptions, type Terminal } from '../terminal.ts'
import { finish } from '../text/style.ts'
import type { Lookout } from '../view/look-around.ts'
import type { View } from '../view/view.ts'
import { frame } from './frame.ts'
import { History } from './history.ts'
import { Screen } from './screen.ts'
import { press, START, type Ui } from './ui.ts'

export interface WatchOptions extends StyleOptions {
  /** Milliseconds between two looks. */
  readonly interval: number
  readonly thresholds: Thresholds
}

interface Key {
  readonly name?: string
  readonly sequence?: string
  readonly ctrl?: boolean
}

/** The live view, until `q` or the signal. */
export async function watchScreen(
  lookout: Lookout,
  options: WatchOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const watch = new Watch(await lookout.look(), options, terminal)
  const screen = new Screen(terminal.out)
  const draw = (): void => screen.show(watch.draw())
  const stopKeys = onKeys(terminal, (key) => {
    watch.press(key)
    draw()
  })
  terminal.out.on('resize', draw)
  const quit = (): void => watch.quit()
  signal.addEventListener('abort', quit)
  if (signal.aborted) quit()
  try {
    draw()
    while (await watch.pause()) {
      if (!watch.paused) watch.add(await watch.orEnd(lookout.look()))
      draw()
    }
  } finally {
    signal.removeEventListener('abort', quit)
    terminal.out.off('resize', draw)
    stopKeys()
    screen.leave()
  }
  return ExitCode.Ok
}

/** What is seen and what is chosen, from one look and one key to the next. */
class Watch {
  readonly #options: WatchOptions
  readonly #terminal: Terminal
  readonly #history = new History()
  readonly #ended = new AbortController()
  #ui: Ui = START
  #view: View

  constructor(view: View, options: WatchOptions, terminal: Terminal) {
    this.#options = options
    this.#terminal = terminal
    this.#view = view
    this.#history.add(view)
  }

  get paused(): boolean {
    return this.#ui.paused
  }

  add(view: View | undefined): void {
    if (!view) return
    this.#history.add(view)
    // Paused while the look was under way.
    if (!this.paused) this.#view = view
  }

  press(key: string): void {
    const next = press(this.#ui, key, this.#view)
    if (next === 'quit') this.quit()
    else this.#ui = next
  }

  quit(): void {
    this.#ended.abort()
  }

  /** Until the next look is due. False at the end. */
  async pause(): Promise<boolean> {
    const { signal } = this.#ended
    if (signal.aborted) return false
    await sleep(this.#options.interval, undefined, { signal }).catch(() => {})
    return !signal.aborted
  }

  /** Undefined where it is to end before the answer is there. */
  async orEnd<T>(answer: Promise<T>): Promise<T | undefined> {
    const { signal } = this.#ended
    const answered = new AbortController()
    const ended = once(signal, 'abort', { signal: answered.signal }).then(
      () => undefined,
      () => undefined,
    )
    try {
      return await Promise.race([answer, ended])
    } finally {
      answered.abort()
    }
  }

  draw(): string[] {
    const { thresholds } = this.#options
    const findings = diagnose(this.#view, thresholds)
    const scene = {
      view: this.#view,
      findings,
      history: this.#history,
      thresholds,
      ui: this.#ui,
    }
    const style = styleOf(this.#terminal, this.#options)
    return finish(frame(scene, this.#terminal.out.rows || 24, style), style)
  }
}

/** Tells of every key by its name. Answers how to stop. */
function onKeys({ in: input }: Terminal, tell: (key: string) => void): () => void {
  const listener = (_text: string | undefined, { name, sequence, ctrl }: Key): void => {
    const key = name ?? sequence ?? ''
    tell(ctrl ? `ctrl-${key}` : key)
  }
  emitKeypressEvents(input)
  input.setRawMode(true)
  input.on('keypress', listener)
  input.resume()
  return () => {
    input.off('keypress', listener)
    input.setRawMode(false)
    input.pause()
  }
}
