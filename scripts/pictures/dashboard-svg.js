import { lineChart } from '../../packages/monitor/dist/chart/line-chart.js'

/*
 * What the panels of the Grafana dashboard show, from a Prometheus that has collected them, in their order. It is not
 * Grafana that draws it, but the queries are the dashboard's, and the values Prometheus's.
 */

const WIDTH = 560
const HEIGHT = 254
const COLUMNS = 2
const STEP_S = 1
/** Letters of a description. */
const LONGEST = 80

export async function dashboardSvg(dashboard, prometheus, seconds) {
  const panels = dashboard.panels.filter(({ type }) => type === 'timeseries')
  const end = Math.floor(Date.now() / 1000)
  const drawn = []
  for (const panel of panels) {
    const series = await seriesOf(panel, prometheus, end - seconds, end)
    drawn.push(drawPanel(panel, series, seconds))
  }
  const height = Math.ceil(drawn.length / COLUMNS) * HEIGHT
  const placed = drawn.map((svg, i) => {
    const x = (i % COLUMNS) * WIDTH
    const y = Math.floor(i / COLUMNS) * HEIGHT
    return svg.replace('<svg ', `<svg x="${x}" y="${y}" `)
  })
  const width = COLUMNS * WIDTH
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">\n${placed.join('')}</svg>\n`
}

async function seriesOf(panel, prometheus, start, end) {
  const series = []
  for (const { expr, legendFormat } of panel.targets) {
    const query = encodeURIComponent(substitute(expr))
    const range = `query_range?query=${query}&start=${start}&end=${end}&step=${STEP_S}`
    const { result } = await prometheus.api(range)
    for (const { metric, values } of result) {
      const points = values
        .map(([at, value]) => [at - start, Number(value)])
        .filter(([, value]) => Number.isFinite(value))
      if (points.length > 0) series.push({ name: nameOf(legendFormat, metric), points })
    }
  }
  return series
    .filter(({ points }, i) => i < 4 || points.some(([, value]) => value > 0))
    .slice(0, 4)
}

function substitute(expr) {
  return expr.replaceAll(/\$(?:job|pool)/g, '.*').replaceAll(/\$__(?:rate_interval|range)/g, '5s')
}

function nameOf(format, metric) {
  return format.replaceAll(/\{\{(\w+)\}\}/g, (_all, label) => metric[label] ?? '')
}

const FORMATS = {
  s: (value) => (value < 1 ? `${Number((value * 1000).toPrecision(3))} ms` : `${value} s`),
  percentunit: (value) => `${Math.round(value * 100)} %`,
}

function drawPanel({ title, description, fieldConfig }, series, seconds) {
  const format = FORMATS[fieldConfig?.defaults?.unit]
  const [sentence] = description.split(/(?<=\.) /)
  const subtitle = sentence.length > LONGEST ? `${sentence.slice(0, LONGEST)}…` : sentence
  const panel = { title: '', series, ...(format ? { format } : {}) }
  return lineChart({ title, subtitle, width: WIDTH, panels: [panel], seconds })
}
