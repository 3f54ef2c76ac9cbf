import type { Registry } from 'prom-client'

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What Prometheus would read, sample by sample; fails where two are the same series. */
export async function scrape(registry: Registry): Promise<Sample[]> {
  const lines = (await registry.metrics()).split('\n').filter((line) => /^[^#]/.test(line))
  const series = lines.map((line) => line.slice(0, line.lastIndexOf(' ')))
  const twice = series.find((one, i) => series.indexOf(one) !== i)
  if (twice !== undefined) throw new Error(`twice: ${twice}`)
  return lines.map(parse)
}

/** The value of the one sample of that name, among those that have these labels. */
export function valueOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )
  if (found.length > 1) throw new Error(`${found.length} samples of ${name}`)
  return found[0]?.value
}

function parse(line: string): Sample {
  const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)!
  return {
    name: name!,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text]),
    ),
    value: value === 'Nan' ? Number.NaN : Number(value),
  }
}
