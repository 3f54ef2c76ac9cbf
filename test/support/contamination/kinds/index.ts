import type { Kind } from '../kind.ts'
import { charset } from './charset.ts'
import { driver } from './driver.ts'
import { hidden } from './hidden.ts'
import { locks } from './locks.ts'
import { objects } from './objects.ts'
import { statements } from './statements.ts'
import { transactions } from './transactions.ts'
import { unfinished } from './unfinished.ts'
import { variables } from './variables.ts'

export const THEMES: Readonly<Record<string, readonly Kind[]>> = {
  transactions,
  variables,
  charset,
  locks,
  objects,
  statements,
  driver,
  hidden,
  unfinished,
}
