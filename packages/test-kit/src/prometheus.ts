import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

import { canInstall, findBinary, installPackages } from './binaries.ts'
import { temporaryFolder } from './folders.ts'
import { onFreePort } from './free-port.ts'
import { ServerProcess, type ServerControl } from './server-process.ts'

export interface PrometheusOptions {
  /** Who is asked for `/metrics`, as `host:port`. */
  readonly targets: readonly string[]
  /** How often they are asked and rules are evaluated, in Prometheus's words. Default: `1s`. */
  readonly scrapeInterval?: string
  /** Paths of rule files. */
  readonly ruleFiles?: readonly string[]
}

/** A private Prometheus that ends, and is removed, with this process. */
export interface PrometheusServer extends ServerControl {
  readonly url: string
  /** The values of an instant query, those that are no number too. */
  query(expression: string): Promise<number[]>
  /** What its HTTP API answers under `/api/v1/`. */
  api(path: string): Promise<unknown>
}

/** Debian has both programs in one package. */
const PACKAGE = 'prometheus'

const run = promisify(execFile)

/** Whether `startPrometheus` and `promtool` would probably succeed. */
export function canStartPrometheus(): boolean {
  return canInstall() || ['prometheus', 'promtool'].every((name) => findBinary([name]))
}

/** Installs what `startPrometheus` needs where it is missing and we may, which takes longer than a test should. */
export async function preparePrometheus(): Promise<void> {
  if (canStartPrometheus()) await requireProgram('prometheus')
}

/** Collects from the targets until it is stopped; all of them are jobs called `test`. */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusServer> {
  const command = await requireProgram('prometheus')
  return await onFreePort(undefined, async (port) => {
    const folder = await temporaryFolder()
    const url = `http://127.0.0.1:${port}`
    const server = await ServerProcess.start({
      command,
      args: [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      folder,
      prepare: () => writeFile(`${folder}/prometheus.yml`, configuration(options)),
      ready: async () => {
        const { ok, status } = await fetch(`${url}/-/ready`)
        if (!ok) throw new Error(`not ready: ${status}`)
      },
    })
    const api = (path: string): Promise<unknown> => ask(`${url}/api/v1/${path}`)
    const query = async (expression: string): Promise<number[]> => {
      const answer = await api(`query?query=${encodeURIComponent(expression)}`)
      const { result } = answer as { result: readonly { value: readonly [number, string] }[] }
      return result.map(({ value }) => Number(value[1]))
    }
    return Object.assign(server, { url, api, query } as const)
  })
}

/** Runs Prometheus's own checker; rejects, with what it says, where it finds something. */
export async function promtool(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(await requireProgram('promtool'), args)
  return stdout
}

async function requireProgram(name: string): Promise<string> {
  const found = findBinary([name])
  if (found !== undefined) return found
  if (canInstall()) await installPackages([PACKAGE])
  const installed = findBinary([name])
  if (installed === undefined) throw new Error(`No ${name} here: install the package ${PACKAGE}`)
  return installed
}

/** JSON is YAML. */
function configuration({
  targets,
  scrapeInterval = '1s',
  ruleFiles = [],
}: PrometheusOptions): string {
  return JSON.stringify({
    global: {
      scrape_interval: scrapeInterval,
      scrape_timeout: scrapeInterval,
      evaluation_interval: scrapeInterval,
    },
    rule_files: ruleFiles,
    scrape_configs: [{ job_name: 'test', static_configs: [{ targets }] }],
  })
}

async function ask(url: string): Promise<unknown> {
  const response = await fetch(url)
  const answer = (await response.json()) as { status: string; error?: string; data: unknown }
  if (answer.status !== 'success') throw new Error(`${url}: ${answer.error}`)
  return answer.data
}
