import { createPool, type Pool } from '@lifeguard/core'
import { httpContract } from '@lifeguard/test-kit/http-contract'

import { startEndingsApp } from '../support/endings-app.ts'

httpContract<Pool>('fastify 5', {
  adapter: 'fastify',
  createPool: (uri, max) => createPool({ uri, max }),
  start: startEndingsApp,
})
