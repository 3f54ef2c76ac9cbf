import type { Style } from '../text/style.ts'

/** What a list that was cut leaves out; nothing where that is nothing. */
export function more(left: number, what: string, style: Style): string[] {
  return left > 0 ? [style.paint.dim(`and ${left} more ${what}; --json has all`)] : []
}
