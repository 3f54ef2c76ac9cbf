import pc from 'picocolors'

import { mapText, plain, toAscii } from './plain.ts'

type Colors = ReturnType<typeof pc.createColors>

/** How text may look where it goes. */
export interface Style {
  readonly paint: Colors
  readonly glyphs: Glyphs
  readonly ascii: boolean
  /** Columns of the screen; Infinity where nothing need be cut. */
  readonly width: number
}

export interface Glyphs extends Readonly<Record<Tone, string>> {
  readonly advice: string
  readonly full: string
  readonly empty: string
  readonly line: string
  readonly cursor: string
  readonly dot: string
  /** From nothing to all. */
  readonly spark: readonly string[]
}

const UNICODE: Glyphs = {
  well: '●',
  warning: '▲',
  critical: '✖',
  advice: '→',
  full: '█',
  empty: '░',
  line: '─',
  cursor: '❯',
  dot: '·',
  spark: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
}

const ASCII: Glyphs = {
  well: '*',
  warning: '!',
  critical: 'X',
  advice: '->',
  full: '#',
  empty: '.',
  line: '-',
  cursor: '>',
  dot: '-',
  spark: ['_', '.', ':', '-', '=', '+', '*', '#'],
}

export function makeStyle(options: { color: boolean; ascii: boolean; width: number }): Style {
  return {
    paint: pc.createColors(options.color),
    glyphs: options.ascii ? ASCII : UNICODE,
    ascii: options.ascii,
    width: options.width,
  }
}

/** The lines as they go out, with nothing in them that could steer a terminal but the colours. */
export function finish(lines: readonly string[], { ascii }: Style): string[] {
  return lines.map((line) => {
    const harmless = mapText(line, plain)
    return ascii ? toAscii(harmless) : harmless
  })
}

/** How well it is, whatever it is. */
export type Tone = 'well' | 'warning' | 'critical'

export function paintTone({ paint }: Style, tone: Tone, text: string): string {
  if (tone === 'critical') return paint.red(text)
  return tone === 'warning' ? paint.yellow(text) : paint.green(text)
}
