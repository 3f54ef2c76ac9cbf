import { Contestant } from './contestant.ts'

export interface Rounds<Variant extends string, Config, Run, Reply, Result> {
  readonly variants: readonly Variant[]
  /** The file in `contestants/` that plays every variant. */
  readonly module: string
  readonly config: (variant: Variant) => Config
  readonly rounds: number
  readonly play: (contestant: Contestant<Run, Reply>) => Promise<Result>
}

/**
 * Starts one contestant for each variant and lets them take turns, each round beginning with another one,
 * so that what else the machine does hits all alike. Answers each variant's results in order of rounds.
 */
export async function inTurns<Variant extends string, Config, Run, Reply, Result>(
  game: Rounds<Variant, Config, Run, Reply, Result>,
): Promise<Record<Variant, Result[]>> {
  const { variants, play } = game
  const results = {} as Record<Variant, Result[]>
  const contestants: Contestant<Run, Reply>[] = []
  try {
    for (const variant of variants) {
      results[variant] = []
      contestants.push(await Contestant.start<Run, Reply>(game.module, game.config(variant)))
    }
    // Nobody's first round counts.
    for (const contestant of contestants) await play(contestant)
    for (let round = 0; round < game.rounds; round++) {
      for (let i = 0; i < variants.length; i++) {
        const turn = (i + round) % variants.length
        results[variants[turn]!].push(await play(contestants[turn]!))
      }
    }
    return results
  } finally {
    for (const contestant of contestants) await contestant.stop()
  }
}
