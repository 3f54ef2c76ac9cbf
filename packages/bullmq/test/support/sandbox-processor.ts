import { withSandboxedDbConnection } from '@lifeguard/bullmq'
import type { SandboxedJob } from 'bullmq'

/** A processor file, for a process or a thread of its own. */
export default withSandboxedDbConnection(
  { uri: process.env['LIFEGUARD_SANDBOX_URI']! },
  async (job: SandboxedJob<{ hang: boolean }>, { db }) => {
    await db.query('UPDATE account SET balance = balance - 10 WHERE id = 1')
    await job.updateProgress(process.pid)
    if (job.data.hang) await db.query('SELECT SLEEP(60)')
    return 'done'
  },
  { transaction: true },
)
