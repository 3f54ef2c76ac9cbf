/**
 * What is used of BullMQ. Spelled out, so that versions 5 and 6, every backend and WorkerPro fit alike.
 */
export interface JobLike {
  readonly id?: string | undefined
  readonly name: string
  readonly queueName: string
}

export interface WorkerLike {
  readonly name: string
  readonly concurrency: number
  readonly closing?: Promise<void> | undefined
  pause(): Promise<void>
  close(force?: boolean): Promise<void>
  /** Not in the early versions of 5, as the following. */
  cancelJob?(jobId: string, reason?: string): boolean
  cancelAllJobs?(reason?: string): void
  on(event: 'completed' | 'failed', listener: (job: JobLike | undefined) => void): unknown
  on(event: 'stalled', listener: (jobId: string) => void): unknown
  on(event: 'lockRenewalFailed', listener: (jobIds: string[]) => void): unknown
  off(event: 'completed' | 'failed', listener: (job: JobLike | undefined) => void): unknown
  off(event: 'stalled', listener: (jobId: string) => void): unknown
  off(event: 'lockRenewalFailed', listener: (jobIds: string[]) => void): unknown
}

/** BullMQ's own default. */
const LOCK_DURATION_MS = 30_000

/** The same in both majors, but not declared for others; where it is missing, we do without. */
interface Undeclared {
  /** Of a job: the worker that runs it, or the queue that it was read from. Absent in a sandbox. */
  readonly queue?: WorkerLike
  /** Of a job outside of a sandbox. Declared, but not by `JobLike`. */
  readonly extendLock?: (token: string, duration: number) => Promise<unknown>
  /** Of a worker: it sits out a rate limit with it. */
  readonly abortDelayController?: AbortController | null
  /** Of a worker: how long it locks a job; a queue has none. */
  readonly opts?: { readonly lockDuration?: number }
  /** Of a worker: its processor. */
  readonly processFn?: unknown
  /** Of a worker: drops its connections. Declared, but not the same in both majors. */
  readonly disconnect?: () => Promise<void>
}

function undeclared(of: JobLike | WorkerLike): Undeclared {
  return of as Undeclared
}

/** The worker that runs the job; none in a sandbox, nor for a job that somebody runs by hand. */
export function workerOf(job: JobLike): WorkerLike | undefined {
  const { queue } = undeclared(job)
  return queue && undeclared(queue).opts?.lockDuration !== undefined ? queue : undefined
}

export function processorOf(worker: WorkerLike): unknown {
  return undeclared(worker).processFn
}

/** How long the lock of the job lasts, each time that it is renewed. */
export function lockDurationOf(job: JobLike): number {
  const worker = workerOf(job)
  return (worker && undeclared(worker).opts?.lockDuration) ?? LOCK_DURATION_MS
}

/**
 * Has the lock of the job renewed, and tells whether that could be: whether `token` still holds it. No other
 * question is answered alike by all versions and backends. A sandboxed job cannot ask: undefined.
 */
export function renewLock(job: JobLike, token: string): Promise<boolean> | undefined {
  // By as much as the worker itself renews it: by less would cut short a lock that the worker relies on.
  const duration = lockDurationOf(job)
  return undeclared(job)
    .extendLock?.call(job, token, duration)
    .then((renewed) => Number(renewed) === 1)
}

/** `pause` would wait for the end of a rate limit, and `close` would not. */
export function endRateLimitDelay(worker: WorkerLike): void {
  undeclared(worker).abortDelayController?.abort()
}

/** BullMQ 6 connects again at the end of a `pause`, even where the worker was closed meanwhile. */
export async function disconnect(worker: WorkerLike): Promise<void> {
  await undeclared(worker).disconnect?.call(worker)
}
