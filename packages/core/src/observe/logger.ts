/** What adapters write to where they are given one: pino, Fastify's `log`, `console`. They are quiet otherwise. */
export interface Logger {
  warn(details: object, message: string): void
}
