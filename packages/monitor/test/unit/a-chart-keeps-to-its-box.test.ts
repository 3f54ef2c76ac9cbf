import fc from 'fast-check'
import t from 'tap'

import { lineChart } from '#monitor/chart/line-chart.js'

const name = fc.string({ unit: 'binary', maxLength: 20 })
const points = fc
  .array(fc.tuple(fc.nat(3600), fc.double({ min: 0, max: 1e6, noNaN: true })), { maxLength: 50 })
  .map((some) => some.toSorted(([a], [b]) => a - b))
const series = fc.record({ name, points, filled: fc.boolean(), bad: fc.boolean() })
const panel = fc.record({
  title: name,
  series: fc.array(series, { maxLength: 3 }),
  limit: fc.option(fc.record({ name, value: fc.nat(1e6) }), { nil: undefined }),
})
const chart = fc.record({ title: name, subtitle: name, panels: fc.array(panel, { maxLength: 4 }) })

void t.test('every point lies in the picture', async () => {
  fc.assert(
    fc.property(chart, (some) => {
      const svg = lineChart(some)
      const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number)
      const paths = [...svg.matchAll(/ d="([^"]*)"/g)].flatMap(
        ([, d]) => d!.match(/-?[\d.]+/g) ?? [],
      )
      return paths.map(Number).every((at, i) => at >= 0 && at <= (i % 2 === 0 ? width! : height!))
    }),
  )
})

void t.test('text stays text', async () => {
  fc.assert(
    fc.property(chart, (some) => {
      const withoutTags = lineChart(some).replaceAll(/<[a-z/][^<>]*>/gi, '')
      const withoutStyle = withoutTags.replaceAll(/&(?:amp|lt|gt|quot);/g, '')
      // oxlint-disable-next-line no-control-regex -- which XML forbids
      return !/[<>]|&(?!\w)|[\u0000-\u0009\u000B-\u001F]/.test(withoutStyle)
    }),
  )
})

void t.test('a limit and a legend are named', async (t) => {
  const svg = lineChart({
    title: 'GET <shop> & more',
    subtitle: '',
    panels: [
      {
        title: 'Connections',
        limit: { name: 'max 10', value: 10 },
        series: [
          {
            name: 'in use',
            points: [
              [0, 1],
              [2, 5],
            ],
          },
        ],
      },
    ],
  })
  t.match(svg, 'GET &lt;shop&gt; &amp; more')
  for (const text of ['>max 10<', '>in use<', '>Connections<', '>2 s<']) t.match(svg, text)
})
