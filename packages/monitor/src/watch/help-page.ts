import type { Style } from '../text/style.ts'

const HELP = `A POOL lends CONNECTIONS to OWNERS: routes, jobs, or whoever was given a label.

IN USE    lent now, of those that the server allows the pool at the moment
WAITING   callers for whom none is free; they are told so after acquireTimeout
WAIT P95  19 of 20 callers had their connection sooner, in the last 30 looks
REUSE     acquires that found an open connection; below 85 % something is wrong
HELD      how long the owner has had it
DOES      runs:            a statement is running at the server
          in transaction:  none is, what those before did is not committed,
                           and its locks block others
          unused:          held for nothing: a leak, or slow other work
STATEMENT what runs, or ran last; every value is shown as ?

q quit     tab    pools or holders     s  sort the holders
esc back   enter  details              d  the server's side, with --db
                                       p  pause, to read in peace`

export function helpPage({ paint }: Style): string[] {
  return HELP.split('\n').map((line) => line.replace(/^[A-Z][A-Z0-9 ]+(?= {2})/, paint.bold))
}
