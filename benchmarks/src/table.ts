type Cell = string | number

/** Prints a table: first column to the left, all others to the right. */
export function printTable(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const lines = [head, ...rows].map((line) => line.map(String))
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  lines.splice(
    1,
    0,
    widths.map((width) => '─'.repeat(width)),
  )
  for (const line of lines) {
    const cells = line.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    )
    console.log(`  ${cells.join('  ')}`)
  }
}

/** Says what was hoped for and whether it came true. A miss is no failure: speed is not a test. */
export function printTarget(text: string, reached: boolean, seen: string): void {
  console.log(`  ${reached ? '✓' : '✗'} target: ${text} (${seen})`)
}

export function whole(value: number): string {
  return value.toFixed(0)
}

export function tenths(value: number): string {
  return value.toFixed(1)
}

export function ratio(value: number): string {
  return value.toFixed(3)
}
