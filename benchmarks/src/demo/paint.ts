import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'cyan'
export type Paint = (style: Style, text: string) => string

const plain: Paint = (_style, text) => text

/** Colours where somebody looks at a terminal, and does not object. */
export function painterFor(stream: NodeJS.WriteStream): Paint {
  return stream.isTTY && !process.env['NO_COLOR'] ? (style, text) => styleText(style, text) : plain
}
