import type { Glyphs } from './style.ts'

/** `███░░░░░░░` of `width` signs. Something is never nothing, and not all is never all. */
export function bar(value: number, max: number, width: number, glyphs: Glyphs): string {
  const share = max === 0 ? 0 : Math.min(1, value / max)
  const rounded = Math.round(share * width)
  const least = value > 0 ? 1 : 0
  const most = value < max ? width - 1 : width
  const full = Math.max(least, Math.min(most, rounded))
  return glyphs.full.repeat(full) + glyphs.empty.repeat(width - full)
}

/** The last `width` values as a line of signs, from 0 to the greatest, or to `max`. */
export function sparkline(
  values: readonly number[],
  width: number,
  { spark }: Glyphs,
  max: number = Math.max(...values),
): string {
  const shown = values.slice(-width)
  const signs = shown.map((value) => {
    const level = max === 0 ? 0 : Math.round((Math.min(value, max) / max) * (spark.length - 1))
    // A little is seen to be more than nothing.
    return spark[value > 0 ? Math.max(1, level) : 0]!
  })
  return signs.join('').padStart(width)
}
