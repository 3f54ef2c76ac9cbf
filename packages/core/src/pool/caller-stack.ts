/** Of ours, that stand above the caller's: without these more the caller would get few of the frames that V8 gives an error. */
const OWN_FRAMES = 6

/** Where this package lies; undefined where a bundler has put it into a file with others. */
const OWN_FOLDER = /^(.+\/)\w+\/pool\/caller-stack\.\w+$/.exec(import.meta.url)?.[1]
// With source maps, what runs in dist/ is told of as what stands in src/.
const OWN_FOLDERS = OWN_FOLDER ? [`${OWN_FOLDER}dist/`, `${OWN_FOLDER}src/`] : []
const SIBLING = /[\\/]node_modules[\\/]@lifeguard[\\/]/

/** Taken down by V8, which writes it out when it is asked for: that takes longer than all else, and hardly anybody asks. */
export interface CallerStack {
  readonly stack?: unknown
}

/**
 * From where the pool was called, as far as V8 can tell: as many frames as the app's own errors have, since each takes
 * a microsecond.
 */
export function callerStack(): CallerStack {
  const holder: CallerStack = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = limit + OWN_FRAMES
  Error.captureStackTrace(holder, callerStack)
  Error.stackTraceLimit = limit
  return holder
}

/** For people; empty where the app has its own way to write stacks, and that fails. */
export function writeStack(holder: CallerStack): string {
  const frames = textOf(holder).split('\n').slice(1)
  return framesOfCaller(frames, OWN_FOLDERS).join('\n')
}

function textOf(holder: CallerStack): string {
  try {
    // `Error.prepareStackTrace` is the app's, and may give anything.
    return typeof holder.stack === 'string' ? holder.stack : ''
  } catch {
    return ''
  }
}

/** Without our own frames, which tell a user nothing; with them where there is nothing else. */
export function framesOfCaller(
  frames: readonly string[],
  ownFolders: readonly string[],
): readonly string[] {
  const others = frames.filter((frame) => !isOwn(frame, ownFolders))
  return others.some((frame) => !isNodes(frame)) ? others : frames
}

function isOwn(frame: string, ownFolders: readonly string[]): boolean {
  return (
    SIBLING.test(frame) ||
    frame.includes('new Promise (<anonymous>)') ||
    ownFolders.some((folder) => frame.includes(folder))
  )
}

function isNodes(frame: string): boolean {
  return frame.includes('(node:') || frame.includes('at node:')
}
