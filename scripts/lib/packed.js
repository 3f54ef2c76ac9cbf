import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** Runs a program to its end; what it printed. */
export function run(command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Packs a workspace and unpacks it into a program's `node_modules`; adds the modules that it needs. */
export function unpack(name, program, needed) {
  const packed = run('npm', ['pack', '--silent', '--pack-destination', program, '-w', name])
  const target = join(program, 'node_modules', name)
  mkdirSync(target, { recursive: true })
  run('tar', ['xzf', join(program, packed.trim()), '--strip-components=1', '-C', target])
  const stale = outputs(target).filter((file) => !existsSync(join(target, 'src', `${file}.ts`)))
  if (stale.length > 0) throw new Error(`dist/ has what src/ has no more: ${stale.join(', ')}`)
  const manifest = readFileSync(join(target, 'package.json'), 'utf8')
  const { dependencies, peerDependencies } = JSON.parse(manifest)
  for (const other of Object.keys({ ...dependencies, ...peerDependencies })) needed.add(other)
}

function outputs(target) {
  return readdirSync(join(target, 'dist'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.slice(0, -'.js'.length))
}

/** Makes a module of ours one of the program's. */
export function link(name, program) {
  const path = join(program, 'node_modules', name)
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(resolve('node_modules', name), path)
}
