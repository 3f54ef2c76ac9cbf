import { createPool, type Pool } from '@lifeguard/core'
import { scopeContract } from '@lifeguard/test-kit/contract'
import express from 'express'

import { startExpress } from '../support/express-harness.ts'

scopeContract<Pool>('express 5', {
  createPool: (uri, max) => createPool({ uri, max }),
  start: (pool) => startExpress(express, pool),
})
