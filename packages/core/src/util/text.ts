/** What a user of JavaScript gives, or throws, may be anything: to tell of it must not fail as well. */
export function textOf(value: unknown): string {
  try {
    return String(value)
  } catch {
    // As JavaScript writes other objects.
    return '[object Object]'
  }
}

/** A label, for people. */
export function labelText(label: unknown): string {
  if (typeof label === 'string') return label
  return label == null ? '' : textOf(label)
}

/** Tells that a function of the user's has failed, where that must break nothing else. For layers over the pool, too. */
export function warnOfThrown(what: string, error: unknown): void {
  process.emitWarning(`${what} threw: ${textOf(error)}`, 'LifeguardWarning')
}
