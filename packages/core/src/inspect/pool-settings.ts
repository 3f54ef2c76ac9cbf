import { settingsOf, type PoolSettings } from '../observe/snapshot.ts'
import { type PoolOptions, resolvePoolOptions } from '../options/options.ts'

/**
 * What a pool that is made with these options would be told, defaults included, for who has no running pool to ask.
 *
 * @throws LifeguardError `ERR_OPTIONS` with one line for each mistake.
 */
export function poolSettings(options: PoolOptions): PoolSettings {
  return settingsOf(resolvePoolOptions(options))
}
