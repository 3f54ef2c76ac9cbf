import stringWidth from 'string-width'

/**
 * Labels and names come from other processes: what could steer a terminal, or turn the order of the letters around,
 * is shown as a blank.
 */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
}

const CUT = '…'
const graphemes = new Intl.Segmenter()

/** At most `width` columns wide (1 or more), with a sign where something is missing. */
function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let kept = ''
  let left = width - CUT.length
  for (const { segment } of graphemes.segment(text)) {
    left -= stringWidth(segment)
    if (left < 0) break
    kept += segment
  }
  return kept + CUT
}

/** Exactly `width` columns wide, cut or padded. */
export function fit(text: string, width: number, right = false): string {
  const short = cut(text, width)
  const padding = ' '.repeat(Math.max(0, width - stringWidth(short)))
  return right ? padding + short : short + padding
}

// oxlint-disable-next-line no-control-regex -- the colours of a line
const COLOR = /(\u001b\[[\d;]*m)/

/** As `cut`, for a line with colours, which it keeps to their end. */
export function clip(line: string, width: number): string {
  if (stringWidth(line) <= width) return line
  let left = width
  return mapText(line, (part) => {
    const kept = left <= 0 ? '' : cut(part, left)
    left -= stringWidth(kept)
    return kept
  })
}

/** Changes what stands between the colours of a line. */
export function mapText(line: string, change: (text: string) => string): string {
  const parts = line.split(COLOR)
  return parts.map((part) => (COLOR.test(part) ? part : change(part))).join('')
}

/** Broken between words into lines that are at most `width` columns wide; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (stringWidth(longer) <= width || line === '') line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line].map((one) => cut(one, width))
}

/** For terminals that know no more. */
export function toAscii(text: string): string {
  return text
    .replaceAll(CUT, '~')
    .replaceAll('×', 'x')
    .replaceAll(/\P{ASCII}/gu, '?')
}

export { default as widthOf } from 'string-width'
