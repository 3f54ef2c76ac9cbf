import { createPool, type Pool } from '@lifeguard/core'
import { scopeContract } from '@lifeguard/test-kit/contract'
import express from 'express4'

import { startExpress } from '../support/express-harness.ts'

scopeContract<Pool>('express 4', {
  createPool: (uri, max) => createPool({ uri, max }),
  start: (pool) => startExpress(express, pool),
})
