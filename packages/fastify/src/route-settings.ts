import {
  type CheckedScopeSettings,
  checkScopeSettings,
  type Hold,
  LifeguardError,
  type ScopeSettings,
  type TransactionSettings,
} from '@lifeguard/core'
import type { FastifyRequest, RouteOptions } from 'fastify'

/** What a route says in its `config[name]`, checked. */
export class RouteSettings {
  readonly hold: Hold | undefined
  readonly timeout: number | undefined
  readonly transaction: TransactionSettings | undefined

  constructor({ hold, timeout, transaction }: CheckedScopeSettings) {
    this.hold = hold
    this.timeout = timeout
    this.transaction = transaction
  }

  /** When the route is added. */
  static read(route: RouteOptions, name: string): RouteSettings | undefined {
    const config = route.config as Record<string, ScopeSettings | undefined> | undefined
    const settings = config?.[name]
    if (settings === undefined || settings instanceof RouteSettings) return settings
    const where = `${String(route.method)} ${route.url}, config.${name}`
    return new RouteSettings(checkScopeSettings(where, settings))
  }

  /**
   * When a request has come.
   *
   * @throws LifeguardError `ERR_OPTIONS` where the route was added before the plugin was there to see it: its
   *   handler would run without the transaction that it counts on.
   */
  static of(
    { config, url }: FastifyRequest['routeOptions'],
    name: string,
  ): RouteSettings | undefined {
    // Of a request without a route there is none.
    const settings = (config as unknown as Record<string, unknown> | undefined)?.[name]
    if (settings === undefined || settings instanceof RouteSettings) return settings
    if (url === undefined) {
      throw new LifeguardError('ERR_OPTIONS', `a not-found handler can have no config.${name}`)
    }
    throw new LifeguardError(
      'ERR_OPTIONS',
      `the route ${url} was added before the plugin that reads its config.${name}: write await app.register(…) above the routes`,
    )
  }
}
