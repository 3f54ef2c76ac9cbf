import { createPool, type Pool } from '@lifeguard/core'
import { scopeContract } from '@lifeguard/test-kit/contract'
import * as bullmq from 'bullmq5'

import { startWorker } from '../support/worker-harness.ts'

scopeContract<Pool>('bullmq 5', {
  createPool: (uri, max) => createPool({ uri, max }),
  start: (pool) => startWorker(bullmq as never, pool, 50),
})
