/** Work that waits under a name for the request or job that is to do it: what an app under test looks up. */
export class WorkBoard<W> {
  readonly #works = new Map<string, W>()
  #last = 0

  add(work: W): string {
    const id = String(++this.#last)
    this.#works.set(id, work)
    return id
  }

  take(id: string): W {
    const work = this.#works.get(id)
    if (!work) throw new Error(`there is no work ${id}`)
    this.#works.delete(id)
    return work
  }
}
