import type { Request } from 'express'

/*
 * Express tells where a router is mounted by what was matched, `/shops/7`, and not by the pattern, `/shops/:shop`. The
 * pattern is found again by what Express does not document, the layers of its routers; of what is not found so, nothing
 * is told.
 */

type Params = Readonly<Record<string, unknown>>

interface Match {
  readonly params: Params
  readonly path: string
}

interface Layer extends Match {
  readonly handle: { readonly stack?: readonly Layer[] }
  /** True where it has written `params` and `path` to the layer. */
  match(path: string): boolean | Match
}

interface App {
  readonly router?: { readonly stack: readonly Layer[] }
  readonly _router?: { readonly stack: readonly Layer[] }
}

const UNKNOWN = '/…'

/** The patterns of all routers that lead to the handler, one behind the other; empty where there is none. */
export function mountPathOf(req: Request): string {
  if (req.baseUrl === '') return ''
  try {
    return patternOf(req.baseUrl, stackOf(req.app as unknown as App)) ?? UNKNOWN
  } catch {
    return UNKNOWN
  }
}

/** Express 4 throws where it is asked for `router`. */
function stackOf(app: App): readonly Layer[] {
  return (app._router ?? app.router)?.stack ?? []
}

function patternOf(url: string, stack: readonly Layer[]): string | undefined {
  if (url === '') return ''
  for (const layer of stack) {
    const match = matchOf(layer, url)
    // Without a path it is mounted everywhere.
    if (!match || match.path === '' || !url.startsWith(match.path)) continue
    const rest = patternOf(url.slice(match.path.length), layer.handle.stack ?? [])
    if (rest !== undefined) return withNames(match) + rest
  }
  return undefined
}

function matchOf(layer: Layer, url: string): Match | undefined {
  const match = layer.match(url)
  if (typeof match === 'object') return match
  return match ? { params: layer.params, path: layer.path } : undefined
}

/** Each part that has come from a parameter, as the parameter's name. */
function withNames({ params, path }: Match): string {
  const values = Object.entries(params).flatMap(([name, value]) =>
    [value].flat().map((one) => ({ name, value: String(one) })),
  )
  return path
    .split('/')
    .map((part) => {
      const text = decodeURIComponent(part)
      const found = values.find(({ value }) => value !== '' && text.includes(value))
      return found ? `:${found.name}` : part
    })
    .join('/')
}
