import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What is really in use, in megabytes. */
export async function usedHeap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    // What a tick has let go, and weak references with it, is collected after that tick.
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
  return process.memoryUsage().heapUsed / 1024 / 1024
}
