import { createPool, type Pool } from '@lifeguard/core'
import { scopeContract } from '@lifeguard/test-kit/contract'
import * as bullmq from 'bullmq'

import { startWorker } from '../support/worker-harness.ts'

scopeContract<Pool>('bullmq 6', {
  createPool: (uri, max) => createPool({ uri, max }),
  start: (pool) => startWorker(bullmq, pool, 50),
})
