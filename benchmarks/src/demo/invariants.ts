import type { Connection, RowDataPacket } from 'mysql2/promise'

/**
 * Rows for which the books do not add up. Each is checked on its own, so the sums over all of them (money is
 * constant, stock + sold is constant) hold when there are none.
 */
const VIOLATIONS: Readonly<Record<string, string>> = {
  'wallets whose balance is not what they opened with minus their orders': `
    SELECT COUNT(*) AS n FROM wallets w
    LEFT JOIN (SELECT customer_id, SUM(total) AS spent FROM orders GROUP BY customer_id) o USING (customer_id)
    WHERE w.balance + COALESCE(o.spent, 0) <> w.opened_with`,
  'products whose stock is not what was delivered minus what was sold': `
    SELECT COUNT(*) AS n FROM products p
    LEFT JOIN (SELECT product_id, SUM(quantity) AS sold FROM order_items GROUP BY product_id) i
      ON i.product_id = p.id
    WHERE p.stock + COALESCE(i.sold, 0) <> p.delivered`,
  'orders whose total is not the sum of their items': `
    SELECT COUNT(*) AS n FROM orders o
    LEFT JOIN (SELECT order_id, SUM(quantity * price) AS amount FROM order_items GROUP BY order_id) i
      ON i.order_id = o.id
    WHERE o.total <> COALESCE(i.amount, -1)`,
  'orders invoiced without an invoice over their total, or the other way round': `
    SELECT COUNT(*) AS n FROM orders o LEFT JOIN invoices v ON v.order_id = o.id
    WHERE (o.status = 'invoiced') <> (COALESCE(v.amount, -1) = o.total)
      OR (o.status = 'paid' AND v.order_id IS NOT NULL)`,
}

/** What is wrong, and in how many rows. */
export async function findViolations(connection: Connection): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const [what, sql] of Object.entries(VIOLATIONS)) {
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    const count = Number(rows[0]?.['n'])
    if (count > 0) found[what] = count
  }
  return found
}
