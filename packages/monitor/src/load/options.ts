import { InvalidArgumentError } from 'commander'

export interface LoadOptions {
  readonly url: URL
  readonly connections: number
  readonly durationMs: number
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** For one answer. */
  readonly timeoutMs: number
}

/** `name: value`, once more for each header. */
export function header(
  text: string,
  before: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const parts = /^([\w!#$%&'*+.^`|~-]+):\s*(.*)$/.exec(text)
  if (!parts) throw new InvalidArgumentError("expected 'Name: value'")
  return { ...before, [parts[1]!]: parts[2]! }
}

/** Where the load goes, without what may be secret. */
export function publicUrl({ origin, pathname }: URL): string {
  return origin + pathname
}
