/** An exporter at work. */
export interface Metrics {
  /** Takes away what the call that made it has put there. A second time does nothing. */
  stop(): void
}
