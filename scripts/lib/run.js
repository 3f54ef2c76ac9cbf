import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a program with our terminal; its exit code. */
export async function run(command, args, env = process.env) {
  const child = spawn(command, args, { stdio: 'inherit', env })
  const [code, signal] = await once(child, 'exit')
  return signal ? 1 : code
}

/** Runs tap; signals for us are its signals, so that we can take the servers down after it. */
export async function runTap(args, env) {
  const tap = spawn('node_modules/.bin/tap', ['run', ...args], { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => tap.kill(signal))
  const [code, signal] = await once(tap, 'exit')
  return signal ? 1 : code
}
