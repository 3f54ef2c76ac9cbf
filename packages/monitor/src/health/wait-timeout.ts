/** Whether a pool checks its idle connections (0: never) before the server closes them. In milliseconds. */
export function checksInTime(healthCheckInterval: number, waitTimeoutMs: number): boolean {
  return healthCheckInterval > 0 && healthCheckInterval < waitTimeoutMs
}

/** For a pool that does not. */
export function adviceToCheck(waitTimeoutMs: number): string {
  const seconds = Math.max(1, Math.floor(waitTimeoutMs / 2000))
  return `Set healthCheckInterval (DB_POOL_HEALTH_CHECK) to ${seconds} s or less, or raise wait_timeout`
}
