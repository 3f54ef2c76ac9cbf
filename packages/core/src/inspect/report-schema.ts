import * as z from 'zod'

import { HOLDS } from '../options/options.ts'
import { SETTLE_MODES } from '../session/settle-plan.ts'
import { type ProcessReport, REPORT_VERSION } from './report.ts'

const count = z.int().min(0)
const ms = z.number()

const histogram = z.object({
  buckets: z.array(
    z.object({
      // JSON has no Infinity.
      leMs: ms.nullable().transform((bound) => bound ?? Infinity),
      count,
    }),
  ),
  count,
  sumMs: ms,
  maxMs: ms,
})

const stats = z.object({
  name: z.string(),
  idle: count,
  inUse: count,
  connecting: count,
  busy: count,
  total: count,
  waiting: count,
  max: count,
  effectiveMax: count,
  acquired: count,
  released: count,
  hits: count,
  misses: count,
  reuseRate: z.number(),
  timeouts: count,
  refused: z.record(z.string(), count),
  created: count,
  connectFailures: count,
  evicted: z.record(z.string(), count),
  rollbacks: count,
  resets: count,
  kills: count,
  leaks: count,
  wait: histogram,
  use: histogram,
  connect: histogram,
})

const settings = z.object({
  enabled: z.boolean(),
  min: count,
  max: count,
  maxIdle: count,
  acquireTimeout: ms,
  queueLimit: count.optional(),
  idleTimeout: ms,
  maxLifetime: ms,
  maxUses: count,
  healthCheckInterval: ms,
  statementTimeout: ms,
  leakThreshold: ms,
  hold: z.enum(HOLDS),
  settle: z.enum(SETTLE_MODES),
})

const lease = z.object({
  label: z.string(),
  threadId: count,
  sinceMs: ms,
  heldMs: ms,
  state: z.enum(['running', 'idle', 'transaction']),
  stateMs: ms,
  transactionMs: ms.optional(),
  statement: z.string().optional(),
  suspected: z.boolean(),
  stack: z.string().optional(),
})

const pool = z.object({
  stats,
  phase: z.enum(['open', 'suspended', 'closing', 'closed']),
  target: z.string(),
  database: z.string().optional(),
  settings,
  trouble: z
    .object({
      kind: z.enum(['full', 'refused', 'unreachable']),
      code: z.string(),
      agoMs: ms,
      breakerOpen: z.boolean(),
    })
    .optional(),
  refusal: z.object({ code: z.string(), agoMs: ms }).optional(),
  threadIds: z.array(count),
  leases: z.array(lease),
  waiters: z.array(z.object({ label: z.string(), waitedMs: ms })),
})

/** What `report()` is as JSON. Fields that it does not know are left out, so that younger processes can be read. */
export const reportSchema: z.ZodType<ProcessReport> = z.object({
  version: z.literal(REPORT_VERSION),
  takenAt: z.iso.datetime(),
  process: z.object({
    host: z.string(),
    pid: count,
    threadId: count,
    script: z.string().optional(),
    node: z.string(),
    uptimeMs: ms,
    rssBytes: count,
    heapUsedBytes: count,
  }),
  pools: z.array(pool),
}) as unknown as z.ZodType<ProcessReport>

/** For readers in other languages; in docs/reference/report.schema.json. */
export function reportJsonSchema(): object {
  return z.toJSONSchema(reportSchema, { io: 'input' })
}
