import { type EndReport, type Logger, type Pool, warnOfThrown } from '@lifeguard/core'

import type { JobLike, WorkerLike } from './bullmq.ts'
import { closeWorker, GRACE_MS, type WorkerOutcome } from './close-worker.ts'
import { type LiveRuns, liveRunsOf, type Run } from './live-runs.ts'
import { expectAll, hasOnly, isDuration, isOneOf, isPool } from './options.ts'
import { warnIfJobsOutnumberConnections } from './warnings.ts'

export interface ReleaseDbConnectionAfterJobOptions {
  /** How long `close()` lets running jobs go on, in milliseconds. Default: 10 000. */
  deadline?: number
  /** Whether `close()` ends the pool when no other guarded worker of it is left. Default: true. */
  endPool?: boolean
  /** Hears of zombies and of a pool that is too small. Default: none, and a process warning for the latter. */
  logger?: Logger
}

export interface CloseOptions {
  /** In milliseconds. Default: the guard's. */
  deadline?: number
}

/** What `close()` had to do. */
export interface CloseReport {
  /** One for each worker, by its queue's name. */
  readonly workers: readonly WorkerOutcome[]
  /** Labels of the jobs that were cut off from the database while they were running. */
  readonly cut: readonly string[]
  /** The report of `pool.end()`; undefined where the pool is still needed, or not ours to end. */
  readonly pool: EndReport | undefined
}

const DEADLINE_MS = 10_000

/** The guards of a pool whose workers are not closed yet; the last one ends it. */
const openGuards = new WeakMap<Pool, Set<WorkerGuard>>()

/**
 * The safety net and the orderly end of workers. The release itself is the business of `withDbConnection`;
 * this hears of jobs that are over, for BullMQ, while their functions still run, and cuts those off; and it
 * closes workers, jobs and pool in the right order, within a deadline.
 *
 * @throws LifeguardError `ERR_OPTIONS`, with one line for each mistake.
 */
export function releaseDbConnectionAfterJob(
  workers: WorkerLike | readonly WorkerLike[],
  pool: Pool,
  options: ReleaseDbConnectionAfterJobOptions = {},
): WorkerGuard {
  const list = [workers].flat() as readonly WorkerLike[]
  const { deadline, endPool, logger } = options ?? {}
  expectAll('releaseDbConnectionAfterJob', [
    [list.length > 0 && list.every(isWorker), 'workers: expected a worker, or several'],
    isPool(pool),
    hasOnly('options', ['deadline', 'endPool', 'logger'], options),
    isDuration('deadline', deadline),
    isOneOf('endPool', [true, false], endPool),
    [
      logger === undefined || typeof logger?.warn === 'function',
      'logger: expected one with warn(object, message)',
    ],
  ])
  return new WorkerGuard(list, pool, options)
}

/** Made by `releaseDbConnectionAfterJob`. */
export class WorkerGuard {
  readonly #workers: readonly WorkerLike[]
  readonly #pool: Pool
  readonly #deadline: number
  readonly #endPool: boolean
  readonly #logger: Logger | undefined
  readonly #stopListening: (() => void)[]
  #closing: Promise<CloseReport> | undefined

  /** @internal */
  constructor(
    workers: readonly WorkerLike[],
    pool: Pool,
    { deadline = DEADLINE_MS, endPool = true, logger }: ReleaseDbConnectionAfterJobOptions,
  ) {
    this.#workers = workers
    this.#pool = pool
    this.#deadline = deadline
    this.#endPool = endPool
    this.#logger = logger
    this.#stopListening = workers.map((worker) => this.#watch(worker))
    const guards = openGuards.get(pool) ?? new Set()
    const guarded = [...guards].flatMap((guard) => guard.#workers)
    warnIfJobsOutnumberConnections([...guarded, ...workers], pool, logger)
    // Last: a logger that throws leaves no guard behind that nobody can close.
    openGuards.set(pool, guards.add(this))
  }

  /**
   * Closes the workers, then what they used: lets running jobs finish until the deadline, cancels the rest,
   * closes the workers by force where a job does not heed that, cuts such jobs off from the database, and
   * ends the pool unless another guard still needs it. A second call is the same end, whatever its deadline.
   *
   * @throws LifeguardError `ERR_OPTIONS` for options that make no sense; then nothing is closed.
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    expectAll('close', [
      hasOnly('options', ['deadline'], options),
      isDuration('deadline', options?.deadline),
    ])
    this.#closing ??= this.#close(options.deadline ?? this.#deadline)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close().then(() => undefined)
  }

  async #close(deadline: number): Promise<CloseReport> {
    const until = Date.now() + deadline
    const workers = await Promise.all(this.#workers.map((worker) => closeWorker(worker, deadline)))
    const cut = await Promise.all(this.#workers.map((worker) => liveRunsOf(worker).endAll()))
    for (const stop of this.#stopListening) stop()
    const guards = openGuards.get(this.#pool)!
    guards.delete(this)
    const endsPool = this.#endPool && guards.size === 0
    // Others may use the pool, too: they have what is left of the time.
    const rest = Math.max(until - Date.now(), GRACE_MS)
    return {
      workers,
      cut: cut.flat().map(({ scope }) => scope.label),
      pool: endsPool ? await this.#pool.end({ deadline: rest }) : undefined,
    }
  }

  #watch(worker: WorkerLike): () => void {
    const runs = liveRunsOf(worker)
    const onEnd = (job: JobLike | undefined): void => void this.#endZombies(runs, [job?.id])
    const onStalled = (jobId: string): void => void this.#endZombies(runs, [jobId])
    // Wrapped runs hear of it by themselves; a sandbox, or a function that is not wrapped, has only its signal.
    const onLockLost = (jobIds: string[]): void => {
      for (const id of jobIds) if (!runs.has(id)) worker.cancelJob?.(id, 'its lock is lost')
    }
    worker.on('completed', onEnd)
    worker.on('failed', onEnd)
    worker.on('stalled', onStalled)
    worker.on('lockRenewalFailed', onLockLost)
    return () => {
      worker.off('completed', onEnd)
      worker.off('failed', onEnd)
      worker.off('stalled', onStalled)
      worker.off('lockRenewalFailed', onLockLost)
    }
  }

  async #endZombies(runs: LiveRuns, jobIds: readonly (string | undefined)[]): Promise<void> {
    for (const zombie of await runs.endZombies(jobIds)) this.#report(zombie)
  }

  #report({ job, scope }: Run): void {
    const what = `job ${job.id} is over for BullMQ, and its function still runs: it was cut off from the database (${scope.label})`
    try {
      this.#logger?.warn({ queue: job.queueName, jobId: job.id }, what)
    } catch (error) {
      // Nobody awaits an event: the logger's own failure must not end the process.
      warnOfThrown('the logger', error)
    }
  }
}

function isWorker(worker: WorkerLike): boolean {
  const { close, pause, on } = (worker ?? {}) as Partial<WorkerLike>
  return [close, pause, on].every((method) => typeof method === 'function')
}
