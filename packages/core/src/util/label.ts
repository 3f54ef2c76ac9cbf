/** For people. A user of JavaScript may give anything as a label, which must spoil neither an error nor a report. */
export function labelText(label: unknown): string {
  if (typeof label === 'string') return label
  const given: unknown = label ?? ''
  try {
    return String(given)
  } catch {
    return ''
  }
}
