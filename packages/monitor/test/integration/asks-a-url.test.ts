import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createPool, report } from '@lifeguard/core'
import t, { type Test } from 'tap'

import { lifeguard } from '../support/command.ts'

async function serve(t: Test, answer: () => string, credentials?: string): Promise<string> {
  const server = createServer((request, response) => {
    const given = request.headers.authorization?.split(' ')[1] ?? ''
    const known = Buffer.from(given, 'base64').toString()
    if (credentials !== undefined && known !== credentials) return response.writeHead(401).end()
    return response.end(answer())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

void t.test('an endpoint that an app has mounted, also with a password', async (t) => {
  const pool = createPool({ name: 'remote', host: '127.0.0.1', port: 1, min: 0 })
  t.teardown(() => pool.end())
  const host = await serve(t, () => JSON.stringify(report()), 'ann:canary-password')
  const { out, code } = await lifeguard([
    'monitor',
    '--url',
    `http://ann:canary-password@${host}/lifeguard?token=canary`,
  ])
  t.match(out, /^remote +\d+ /m)
  t.equal(code, 0)
  t.notMatch(out, 'canary')
  const refused = await lifeguard(['monitor', '--url', `http://${host}/lifeguard?token=canary`])
  t.match(refused.out, `http://${host}/lifeguard answers 401`)
  t.notMatch(refused.out, 'canary')
  t.equal(refused.code, 1)
})

void t.test('what is not a report, or one of another age', async (t) => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['<html>', /is no Lifeguard report: it is not JSON/],
    ['{}', /is no Lifeguard report/],
    ['{"version":2}', /speaks version 2 of the report/],
    ['null', /is no Lifeguard report/],
    ['{"error":"out of paper"}', /cannot tell how it is: out of paper/],
  ]
  for (const [body, problem] of cases) {
    const { out } = await lifeguard(['monitor', '--url', `http://${await serve(t, () => body)}/`])
    t.match(out, problem, body)
  }
  const { out } = await lifeguard(['monitor', '--url', 'http://127.0.0.1:1/'])
  t.match(out, /cannot be reached: (?:ECONNREFUSED|bad port)/)
})
