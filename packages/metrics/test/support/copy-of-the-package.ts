import { cp, rm } from 'node:fs/promises'

import type * as lifeguardMetrics from '@lifeguard/metrics'
import type { Test } from 'tap'

type Package = typeof lifeguardMetrics

let copies = 0

/** As a second one that a dependency brings, or a hot reload. */
export async function copyOfThePackage(t: Test): Promise<Package> {
  const dist = new URL('.', import.meta.resolve('@lifeguard/metrics'))
  const copy = new URL(`../build/copy-${process.pid}-${++copies}/`, dist)
  await cp(dist, copy, { recursive: true })
  t.teardown(() => rm(copy, { recursive: true, force: true }))
  return (await import(new URL('index.js', copy).href)) as Package
}
