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
