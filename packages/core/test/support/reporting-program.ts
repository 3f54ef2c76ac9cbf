// A program with pools to nowhere, as `node reporting-program.js MODE`; it ends when its input does.
import cluster from 'node:cluster'
import { isMainThread, Worker } from 'node:worker_threads'

import { createPool } from '@lifeguard/core'

const mode = process.argv[2]
const options = { host: '127.0.0.1', port: 1, min: 0, password: 'canary-password' }

if (mode === 'cluster' && cluster.isPrimary) {
  cluster.fork()
} else {
  createPool({ ...options, name: mode ?? 'pool' })
  if (mode === 'thread') startThread()
}

// A thread's input ends at once; it ends with its process.
if (!isMainThread) setInterval(() => {}, 60_000)
else if (mode === 'idle') console.log('nothing else to do')
else if (mode === 'ending') await endAndStay()
else process.stdin.on('end', () => process.exit()).resume()

async function endAndStay(): Promise<void> {
  const pool = createPool({ ...options, name: 'another' })
  process.stdin.once('data', () => void pool.end()).resume()
}

function startThread(): Worker {
  return new Worker(new URL(import.meta.url), { argv: ['in-thread'] })
}
