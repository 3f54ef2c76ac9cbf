import { type Command, InvalidArgumentError, Option } from 'commander'

import { CommandError, ExitCode } from '../exit-code.ts'

/** Of the commands that look. */
export const EXIT_CODES = `
Exit codes:
  0  seen, and well
  1  nothing could be seen, or the command failed
  2  not understood
  3  something needs attention`

/** What every command takes. */
export interface CommonOptions {
  readonly color?: boolean
  readonly ascii?: boolean
}

export function withLooks(command: Command): Command {
  return command
    .option('--color', 'with colours, whatever the output is')
    .option('--no-color', 'without')
    .option('--ascii', 'no signs but ASCII')
}

const MOST_SECONDS = 86_400

/** For durations on the command line, as users know them. Answers milliseconds. */
function seconds(text: string): number {
  const ms = secondsOrNone(text)
  if (ms < 1) throw new InvalidArgumentError('expected more than 0 seconds')
  return ms
}

/** As `seconds`, and 0. */
export function secondsOrNone(text: string): number {
  if (!/^\d+(?:\.\d+)?$/.test(text) || Number(text) > MOST_SECONDS) {
    throw new InvalidArgumentError(`expected a number of seconds, at most ${MOST_SECONDS}`)
  }
  return Number(text) * 1000
}

/** An option of a duration, whose default is told in seconds. */
export function durationOption(
  flags: string,
  description: string,
  defaultMs: number,
  parse: (text: string) => number = seconds,
): Option {
  return new Option(flags, description)
    .default(defaultMs, String(defaultMs / 1000))
    .argParser(parse)
}

export function positive(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a whole number, 1 or more')
  return Number(text)
}

/** Unlike commander's own errors it does not repeat what was given, which may be a secret. */
function refuse(option: string, expected: string): never {
  throw new CommandError(`${option}: expected ${expected}`, ExitCode.Usage)
}

export function httpUrl(option: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return refuse(option, 'http://… or https://…')
  }
  try {
    decodeURIComponent(url.username + url.password)
  } catch {
    return refuse(option, '%25 where the user or the password has a %')
  }
  return url
}

/** An option of URLs, one or more. */
export function urlsOption(name: string, description: string): Option {
  return new Option(`${name} <url...>`, description).argParser(
    (text: string, before: readonly URL[] | undefined) => [...(before ?? []), httpUrl(name, text)],
  )
}

/** `name: value`, once more for each header. */
export function header(
  text: string,
  before: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const parts = /^([\w!#$%&'*+.^`|~-]+):\s*(.*)$/.exec(text)
  if (!parts) return refuse('--header', "'Name: value'")
  return { ...before, [parts[1]!]: parts[2]! }
}

export const URL_OPTION = (): Option =>
  urlsOption('--url', 'ask apps that have mounted report(), instead of this machine')

export const DB_OPTION = (): Option =>
  new Option(
    '--db [url]',
    "look at the server's side too; without a URL, where DATABASE_URL or DB_HOST… say",
  )
