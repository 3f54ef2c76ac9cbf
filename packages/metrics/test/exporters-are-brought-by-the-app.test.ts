import { readdirSync, readFileSync } from 'node:fs'

import t from 'tap'

const dist = new URL('.', import.meta.resolve('@lifeguard/metrics'))

void t.test('the package loads core and nothing else', async (t) => {
  const imports = readdirSync(dist)
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) => [
      ...readFileSync(new URL(file, dist), 'utf8').matchAll(/(?:from|import) ?\(?'([^.'][^']*)'/g),
    ])
    .map(([, name]) => name)
  t.same(new Set(imports), new Set(['@lifeguard/core', 'node:diagnostics_channel']))
})
