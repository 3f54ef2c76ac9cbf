/**
 * The contestant's side: `start` makes what is measured, the function that it answers runs one round. The
 * process ends with the one that measures.
 */
export async function serve(
  start: (config: never) => Promise<(request: never) => Promise<unknown>>,
): Promise<void> {
  const reply = (answer: unknown): void => void process.send!(answer)
  process.on('disconnect', () => process.exit(0))
  const run = await start(JSON.parse(process.argv[2]!) as never)
  process.on('message', ({ id, request }: { id: number; request: never }) => {
    run(request).then(
      (result) => reply({ id, result }),
      (error: unknown) =>
        reply({ id, error: error instanceof Error ? error.stack : String(error) }),
    )
  })
  reply({ id: 0 })
}
