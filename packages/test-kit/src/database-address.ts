export type Flavor = 'mariadb' | 'mysql'

/** Where a database server is and how to log in as its administrator. */
export interface DatabaseAddress {
  readonly flavor: Flavor
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** `mysql://…` of this server, with `database` as the connection's default database if given. */
  uri(database?: string): string
}

/** The address that a `mysql://user:password@host:port/…?options` names; the options stay in `uri()`. */
export function parseDatabaseUrl(url: string, flavor: Flavor): DatabaseAddress {
  const parsed = new URL(url)
  return {
    flavor,
    host: parsed.hostname,
    port: Number(parsed.port || 3306),
    user: decodeURIComponent(parsed.username) || 'root',
    password: decodeURIComponent(parsed.password),
    uri: (database = '') => {
      const named = new URL(url)
      named.pathname = `/${encodeURIComponent(database)}`
      return named.href
    },
  }
}

/** A URL from its parts, with what must be escaped escaped. */
export function databaseUrl(
  host: string,
  port: number,
  user: string,
  password: string,
  database = '',
): string {
  const secret = password === '' ? '' : `:${encodeURIComponent(password)}`
  return `mysql://${encodeURIComponent(user)}${secret}@${host}:${port}/${encodeURIComponent(database)}`
}
