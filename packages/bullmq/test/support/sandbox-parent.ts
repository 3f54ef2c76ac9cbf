import { fileURLToPath } from 'node:url'

import * as bullmq6 from 'bullmq'
import * as bullmq5 from 'bullmq5'

// node sandbox-parent.js <major> <queue> <redis port>: works on the queue until it is killed, and prints what
// progress its jobs report.
const [major, queue, port] = process.argv.slice(2)
const { Worker } = major === '5' ? (bullmq5 as unknown as typeof bullmq6) : bullmq6
const file = fileURLToPath(new URL('sandbox-processor.js', import.meta.url))
const worker = new Worker(queue!, file, { connection: { host: '127.0.0.1', port: Number(port) } })
worker.on('progress', (_job, progress) => console.log(JSON.stringify(progress)))
