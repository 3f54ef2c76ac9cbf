export interface Random {
  /** From 0 up to 1. */
  next(): number
  /** An integer from 0 up to `limit - 1`. */
  below(limit: number): number
}

/** The same numbers for the same seed, so that both runs get the same work (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, below: (limit) => Math.floor(next() * limit) }
}

export interface BasketItem {
  readonly product: number
  readonly quantity: number
}

export interface Picker {
  customer(): number
  product(): number
  /** Different products, in the order of their ids. */
  basket(size: number): BasketItem[]
}

export function picker(
  random: Random,
  shop: { readonly customers: number; readonly products: number },
): Picker {
  const customer = (): number => 1 + random.below(shop.customers)
  // Squared: some products are far more popular than others, so orders meet on the same rows.
  const product = (): number => 1 + Math.floor(shop.products * random.next() ** 2)
  const basket = (size: number): BasketItem[] => {
    const products = new Set<number>()
    while (products.size < size) products.add(product())
    return [...products]
      .toSorted((a, b) => a - b)
      .map((id) => ({ product: id, quantity: 1 + random.below(3) }))
  }
  return { customer, product, basket }
}
