export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

/** The value that `percent` of the values do not exceed, interpolated. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) return NaN
  const sorted = values.toSorted((a, b) => a - b)
  const at = (percent / 100) * (sorted.length - 1)
  const below = sorted[Math.floor(at)]!
  const above = sorted[Math.ceil(at)]!
  return below + (above - below) * (at - Math.floor(at))
}

/** Half of the range in which their median lies in 19 of 20 cases: McGill, Tukey and Larsen, 1978. */
export function notch(values: readonly number[]): number {
  const middleHalf = percentile(values, 75) - percentile(values, 25)
  return (1.57 * middleHalf) / Math.sqrt(values.length)
}

/**
 * How much `values` are of `base`, both measured in turns. Neighbours share the machine's mood, so each
 * pair is compared first, and the median taken of that.
 */
export function pairedRatio(values: readonly number[], base: readonly number[]): number {
  return median(values.map((value, i) => value / base[i]!))
}
