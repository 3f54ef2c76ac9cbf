import { createPool, type Pool } from '@lifeguard/core'
import { httpContract } from '@lifeguard/test-kit/http-contract'
import express from 'express4'

import { startEndingsApp } from '../support/endings-app.ts'

httpContract<Pool>('express 4', {
  adapter: 'express',
  createPool: (uri, max) => createPool({ uri, max }),
  start: (world) => startEndingsApp(express, world),
})
