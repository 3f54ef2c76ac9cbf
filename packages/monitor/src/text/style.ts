import pc from 'picocolors'

import type { Health } from '../health/diagnose.ts'
import { toAscii } from './plain.ts'

type Colors = ReturnType<typeof pc.createColors>

/** How text may look where it goes. */
export interface Style {
  readonly paint: Colors
  readonly glyphs: Glyphs
  readonly ascii: boolean
  /** Columns of the screen; Infinity where nothing need be cut. */
  readonly width: number
}

export interface Glyphs {
  readonly well: string
  readonly warning: string
  readonly critical: string
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

/** The lines as they go out. */
export function finish(lines: readonly string[], { ascii }: Style): string[] {
  return ascii ? lines.map((line) => toAscii(line)) : [...lines]
}

/** In the colour of a state of health. */
export function paintHealth({ paint }: Style, health: Health, text: string): string {
  if (health === 'critical') return paint.red(text)
  return health === 'warning' ? paint.yellow(text) : paint.green(text)
}
