import { readdirSync, readFileSync } from 'node:fs'

import t from 'tap'

const dist = new URL('../../../dist/', import.meta.url)

/** In a bundle of CommonJS it is undefined, and in one of modules it is that of the bundle. */
const OF_THIS_FILE = 'import.meta.url'

void t.test('where its files lie is asked in one place, which can do without', async (t) => {
  const asking = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(
    (name) =>
      name.endsWith('.js') && readFileSync(new URL(name, dist), 'utf8').includes('import.meta'),
  )
  t.strictSame(asking, ['pool/caller-stack.js'])
  // The map of the source is not where a data: URL is.
  const [source] = readFileSync(new URL(asking[0]!, dist), 'utf8').split('//# sourceMappingURL')
  for (const bundled of ['undefined', "'file:///srv/shop/bundle.js'"]) {
    const code = source!.replaceAll(OF_THIS_FILE, bundled)
    t.not(code, source)
    const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      readonly callerStack: () => object
      readonly writeStack: (holder: object) => string
    }
    t.match(module.writeStack(module.callerStack()), 'bundled-it-loads')
  }
})
