import { readFileSync } from 'node:fs'

import { METRICS } from '@lifeguard/metrics'
import t from 'tap'

const root = new URL('../', import.meta.resolve('@lifeguard/metrics'))
const page = readFileSync(new URL('../../docs/metrics.md', root), 'utf8')
const rules = readFileSync(new URL('prometheus/lifeguard.rules.yml', root), 'utf8')

/** The rows whose first cell is code that matches, as their cells without the code marks. */
function rowsOf(pattern: RegExp): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll('`', '')))
    .filter(([name]) => pattern.test(name!))
}

void t.test('and of no other, in the words of the table that the exporters read', async (t) => {
  t.same(
    rowsOf(/^(db\.client|lifeguard)\.(?!connection\.pool\.name)/),
    METRICS.lifeguard.map(({ name, prometheus, unit, attribute = '', description }) => [
      name,
      prometheus.name,
      prometheus.type,
      unit,
      attribute,
      description,
    ]),
  )
})

void t.test("and of every one for HikariCP's dashboards", async (t) => {
  t.same(
    rowsOf(/^hikaricp/),
    METRICS.hikari.map(({ prometheus, description }) => [
      prometheus.name,
      prometheus.type,
      description,
    ]),
  )
})

void t.test('and of every alert, with its severity', async (t) => {
  const alerts = [...rules.matchAll(/alert: (\w+)[^]*?severity: (\w+)/g)]
  t.same(
    rowsOf(/^Lifeguard/).map((cells) => cells.slice(0, 2)),
    alerts.map(([, name, severity]) => [name, severity]),
  )
})
