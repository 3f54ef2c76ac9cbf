const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** For people, in at most seven characters: `850 ms`, `4.2 s`, `14 s`, `2m 05s`, `3h 20m`, `5d 2h`. */
export function duration(ms: number): string {
  if (ms < 1) return ms <= 0 ? '0 ms' : `${ms.toFixed(1)} ms`
  if (ms < SECOND - 0.5) return `${Math.round(ms)} ms`
  if (ms < 9.95 * SECOND) return `${(ms / SECOND).toFixed(1)} s`
  if (ms < MINUTE - SECOND / 2) return `${Math.round(ms / SECOND)} s`
  const whole = Math.round(ms / SECOND) * SECOND
  if (whole < HOUR) return pair(whole, MINUTE, 'm', SECOND, 's')
  return whole < DAY ? pair(whole, HOUR, 'h', MINUTE, 'm') : pair(whole, DAY, 'd', HOUR, 'h', 1)
}

/** `-` where there is none. */
export function durationOrDash(ms: number | undefined): string {
  return ms === undefined ? '-' : duration(ms)
}

function pair(ms: number, unit: number, a: string, part: number, b: string, digits = 2): string {
  const rest = Math.floor((ms % unit) / part)
  return `${Math.floor(ms / unit)}${a} ${String(rest).padStart(digits, '0')}${b}`
}

/** `12`, `1 204`, `18.3k`, `2.1M`. */
export function amount(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`
  if (value >= 10_000) return `${(value / 1000).toFixed(1)}k`
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ' ')
}

/** `99.5 %`; 100 % only where it is so. */
export function percent(rate: number): string {
  if (rate === 1) return '100 %'
  return `${(Math.floor(rate * 1000) / 10).toFixed(1)} %`
}
