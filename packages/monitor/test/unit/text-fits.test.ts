import fc from 'fast-check'
import t from 'tap'

import { bar, sparkline } from '#monitor/text/bar.js'
import { amount, duration, percent } from '#monitor/text/duration.js'
import { fit, plain, widthOf, wrap } from '#monitor/text/plain.js'
import { finish, makeStyle } from '#monitor/text/style.js'
import { table } from '#monitor/text/table.js'

const { glyphs } = makeStyle({ color: false, ascii: false, width: 80 })

void t.test('durations for people', async (t) => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 ms'],
    [0.25, '0.3 ms'],
    [850, '850 ms'],
    [999.7, '1.0 s'],
    [4200, '4.2 s'],
    [9960, '10 s'],
    [59_600, '1m 00s'],
    [125_000, '2m 05s'],
    [3_600_000, '1h 00m'],
    [12_000_000, '3h 20m'],
    [180_000_000, '2d 2h'],
  ]
  for (const [ms, text] of cases) t.equal(duration(ms), text)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 8e9, noNaN: true }), (ms) => duration(ms).length <= 7),
  )
})

void t.test('amounts and shares', async (t) => {
  t.strictSame([7, 1204, 18_300, 2_100_000].map(amount), ['7', '1 204', '18.3k', '2.1M'])
  t.strictSame([1, 0.9999, 0.5, 0].map(percent), ['100 %', '99.9 %', '50.0 %', '0.0 %'])
})

void t.test('something is never nothing, and not all is never all', async () => {
  const max = fc.integer({ min: 1, max: 1000 })
  fc.assert(
    fc.property(max, fc.nat(1000), fc.integer({ min: 2, max: 40 }), (most, some, width) => {
      const value = Math.min(some, most)
      const text = bar(value, most, width, glyphs)
      const full = text.split(glyphs.full).length - 1
      if (text.length !== width) return false
      if (value === 0) return full === 0
      return value === most ? full === width : full > 0 && full < width
    }),
  )
  fc.assert(
    fc.property(fc.array(fc.nat(100)), fc.integer({ min: 1, max: 40 }), (values, width) => {
      return sparkline(values, width, glyphs).length === width
    }),
  )
})

void t.test('what could steer a terminal is a blank', async (t) => {
  t.equal(plain('a\u001b[31mb\u0007\u202Ec\nd\u009b2Je'), 'a [31mb  c d 2Je')
  t.equal(plain('GET /カート'), 'GET /カート')
})

const text = fc.string({ unit: 'grapheme', maxLength: 30 })

void t.test('cut or padded to the column', async () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), (value, width) => {
      return widthOf(fit(plain(value), width)) === width
    }),
  )
  fc.assert(
    fc.property(fc.array(text), fc.integer({ min: 1, max: 40 }), (words, width) =>
      wrap(plain(words.join(' ')), width).every((line) => widthOf(line) <= width),
    ),
  )
})

void t.test('a table is as wide as the screen at most', async (t) => {
  interface Row {
    readonly name: string
    readonly note: string
    readonly n: number
  }
  const rows = fc.array(fc.record({ name: text, note: text, n: fc.nat(9999) }), { maxLength: 5 })
  fc.assert(
    fc.property(rows, fc.integer({ min: 30, max: 120 }), (some: readonly Row[], width) => {
      const lines = table<Row>(
        [
          { title: 'NAME', shrinksTo: 6, cell: ({ name }) => name },
          { title: 'N', right: true, cell: ({ n }) => String(n) },
          { title: 'MORE', optional: 1, cell: ({ note }) => note },
          { title: 'NOTE', shrinksTo: 8, cell: ({ note }) => note },
        ],
        some,
        makeStyle({ color: false, ascii: false, width }),
      )
      return lines.length === some.length + 1 && lines.every((line) => widthOf(line) <= width)
    }),
  )
  t.strictSame(
    table<Row>(
      [
        { title: 'NAME', cell: ({ name }) => name },
        { title: 'N', right: true, cell: ({ n }) => String(n) },
      ],
      [
        { name: 'cart', note: '', n: 5 },
        { name: 'a', note: '', n: 12_345 },
      ],
      makeStyle({ color: false, ascii: false, width: Infinity }),
    ),
    ['NAME      N', 'cart      5', 'a     12345'],
  )
})

void t.test('nothing steers the terminal but our colours', async (t) => {
  const hostile = '\u001b]0;title\u0007\u001b[2J\u202eabc\u009b1A'
  const style = makeStyle({ color: true, ascii: false, width: 80 })
  const [line] = finish([`${style.paint.red('x')} ${hostile}`], style)
  t.equal(line, '\u001b[31mx\u001b[39m  ]0;title  [2J abc 1A')
})
