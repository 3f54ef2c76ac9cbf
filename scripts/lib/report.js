/** Prints what a check found; the process fails where it found anything. */
export function report(name, problems) {
  for (const problem of problems) console.log(problem)
  console.log(`${name}: ${problems.length === 0 ? 'ok' : `${problems.length} to mend`}`)
  if (problems.length > 0) process.exitCode = 1
}
