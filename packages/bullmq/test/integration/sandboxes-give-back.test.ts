import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import {
  type Bank,
  createBank,
  sharedDatabase,
  sharedRedis,
  threadsConnected,
  waitFor,
} from '@lifeguard/test-kit'
import type { Job } from 'bullmq'
import t, { type Test } from 'tap'

import { MAJORS, openQueue } from '../support/bullmq-majors.ts'

const file = fileURLToPath(new URL('../support/sandbox-processor.js', import.meta.url))
const parentFile = fileURLToPath(new URL('../support/sandbox-parent.js', import.meta.url))

async function openSandboxBank(t: Test): Promise<Bank> {
  const bank = await createBank()
  // The processor file reads it in its own process or thread, which is made with the first job.
  process.env['LIFEGUARD_SANDBOX_URI'] = bank.uri
  t.teardown(() => bank.drop())
  return bank
}

async function noConnectionLeft(bank: Bank): Promise<void> {
  const server = await sharedDatabase()
  await waitFor(async () => (await threadsConnected(server, bank.name)) === 0, {
    timeout: 20_000,
    label: 'the sandbox has closed its connections',
  })
}

const failed = (job: Job): Promise<void> =>
  waitFor(async () => (await job.getState()) === 'failed', { timeout: 20_000 })

for (const [name, bullmq] of MAJORS) {
  for (const useWorkerThreads of [false, true]) {
    const kind = useWorkerThreads ? 'thread' : 'process'
    void t.test(`a ${kind} commits before its job is completed (${name})`, async (t) => {
      const bank = await openSandboxBank(t)
      const { queue, work } = await openQueue(t, bullmq)
      const worker = work(file, { useWorkerThreads })
      const job = await queue.add('pay', { hang: false })
      await waitFor(async () => (await job.getState()) === 'completed', { timeout: 20_000 })
      t.equal(await bank.balance(1), 90)
      await worker.close()
      await noConnectionLeft(bank)
    })
  }

  void t.test(`a process that is killed is rolled back (${name})`, async (t) => {
    const bank = await openSandboxBank(t)
    const { queue, work } = await openQueue(t, bullmq)
    const worker = work(file)
    const progress = once(worker, 'progress')
    const job = await queue.add('pay', { hang: true })
    const [, pid] = (await progress) as [Job, number]
    process.kill(pid, 'SIGKILL')
    await failed(job)
    await noConnectionLeft(bank)
    t.equal(await bank.balance(1), 100)
  })

  void t.test(`a process whose parent is killed gives up (${name})`, async (t) => {
    const bank = await openSandboxBank(t)
    const { queue } = await openQueue(t, bullmq)
    const { port } = await sharedRedis()
    const parent = spawn(process.execPath, [parentFile, name.slice(-1), queue.name, String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.teardown(() => void parent.kill('SIGKILL'))
    await queue.add('pay', { hang: true })
    const [pid] = (await once(parent.stdout, 'data')) as [Buffer]
    parent.kill('SIGKILL')
    await noConnectionLeft(bank)
    t.equal(await bank.balance(1), 100)
    await waitFor(() => !isAlive(Number(pid)), { timeout: 20_000, label: 'the orphan has ended' })
  })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
