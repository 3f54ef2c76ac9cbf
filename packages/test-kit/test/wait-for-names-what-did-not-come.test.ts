import { waitFor } from '@lifeguard/test-kit'
import t from 'tap'

void t.test('by its label or its source', async (t) => {
  let calls = 0
  await waitFor(async () => ++calls === 3, { every: 1 })
  t.equal(calls, 3)

  await t.rejects(
    waitFor(() => false, { timeout: 10, every: 1, label: 'the sea parts' }),
    {
      message: 'Not within 10 ms: the sea parts',
    },
  )
  await t.rejects(
    waitFor(() => calls > 99, { timeout: 10, every: 1 }),
    { message: /calls > 99/ },
  )
})
