/** What is not as it should be, by path: `{ 'variables.sql_mode': { is, shouldBe } }`. Empty when all is well. */
export function differences(
  is: unknown,
  shouldBe: unknown,
  path = '',
): Record<string, { is: unknown; shouldBe: unknown }> {
  if (isObject(is) && isObject(shouldBe)) {
    const names = new Set([...Object.keys(is), ...Object.keys(shouldBe)])
    const prefix = path === '' ? '' : `${path}.`
    return Object.assign(
      {},
      ...[...names].map((name) => differences(is[name], shouldBe[name], `${prefix}${name}`)),
    )
  }
  return Object.is(is, shouldBe) ? {} : { [path]: { is, shouldBe } }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
