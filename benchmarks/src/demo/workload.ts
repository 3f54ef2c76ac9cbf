import { FAULT_HEADER } from './faults.ts'
import { picker, type Random } from './random.ts'
import { SHOP } from './schema.ts'

export interface ShopRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
}

/** Shares of all requests. */
const ORDERS = 0.25
const PRODUCT_PAGES = 0.35
const FAULTS = 0.02

/**
 * An endless row of requests as a shop gets them: 40 % customers' pages, 35 % products, 25 % orders. `faults`: the
 * share that is to fail in the middle of an order.
 */
export function shopRequests(random: Random, faults = FAULTS): () => ShopRequest {
  const pick = picker(random, SHOP)
  const placeOrder = (): ShopRequest => {
    const fault = random.next() < faults / ORDERS
    return {
      method: 'POST',
      path: '/orders',
      headers: { 'content-type': 'application/json', ...(fault && { [FAULT_HEADER]: '1' }) },
      body: JSON.stringify({ customer: pick.customer(), basket: pick.basket(1 + random.below(3)) }),
    }
  }
  return () => {
    const dice = random.next()
    if (dice < ORDERS) return placeOrder()
    if (dice < ORDERS + PRODUCT_PAGES) return get(`/products/${pick.product()}`)
    return get(`/customers/${pick.customer()}/orders`)
  }
}

function get(path: string): ShopRequest {
  return { method: 'GET', path, headers: {} }
}
