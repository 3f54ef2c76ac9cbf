import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The servers of a test run, and the environment that tells the test files about them. */
export async function startServers(wanted) {
  // Built only now, hence not imported above.
  const kit = await import('../../packages/test-kit/dist/index.js')
  const started = []
  // Where the pools of the tests tell of themselves, so that they leave nothing in the user's folder.
  const runtimeFolder = mkdtempSync(join(tmpdir(), 'lifeguard-run-'))
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()))
    rmSync(runtimeFolder, { recursive: true, force: true })
  }
  try {
    const database = await databaseUrl(kit, wanted, started)
    await kit.preparePrometheus()
    const redis = process.env.REDIS_URL || (await start(kit.startRedis(), started)).url
    const env = {
      ...process.env,
      LIFEGUARD_RUNTIME_DIR: runtimeFolder,
      LIFEGUARD_TEST_SERVER: database.flavor,
      LIFEGUARD_TEST_DATABASE_URL: database.url,
      LIFEGUARD_TEST_REDIS_URL: redis,
    }
    return { env, title: database.title, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function databaseUrl(kit, wanted, started) {
  const given = process.env.DATABASE_URL
  if (given) {
    const flavor = await kit.detectFlavor(given)
    if (wanted && wanted !== flavor) throw new Error(`DATABASE_URL is ${flavor}, not ${wanted}`)
    return { url: given, flavor, title: `${flavor} of DATABASE_URL` }
  }
  if (wanted && wanted !== 'mariadb' && wanted !== 'mysql') throw new Error(`No server ${wanted}`)
  const startDatabase = wanted === 'mysql' ? kit.startMysql : kit.startMariadb
  const server = await start(startDatabase({ maxConnections: 500 }), started)
  const [row] = await kit.adminQuery(server, 'SELECT VERSION() AS version')
  return { url: server.uri(), flavor: server.flavor, title: `${server.flavor} ${row.version}` }
}

async function start(starting, started) {
  const server = await starting
  started.push(server)
  return server
}
