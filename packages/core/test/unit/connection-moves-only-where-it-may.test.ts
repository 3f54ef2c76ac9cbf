import t from 'tap'

import { canMove, CONNECTION_STATES } from '#core/pool/connection-state.js'

// One row for each state, one column for each next state, in the order of CONNECTION_STATES.
const TABLE = {
  //           connecting idle checking inUse settling closing
  connecting: '-          y    -        -     -        y',
  idle: '      -          -    y        y     -        y',
  checking: '  -          y    -        -     -        y',
  inUse: '     -          y    -        -     y        y',
  settling: '  -          y    -        -     -        y',
  closing: '   -          -    -        -     -        -',
}

for (const from of CONNECTION_STATES) {
  void t.test(`from ${from}`, async (t) => {
    const row = TABLE[from].trim().split(/\s+/)
    CONNECTION_STATES.forEach((to, column) => {
      t.equal(canMove(from, to), row[column] === 'y', `to ${to}`)
    })
  })
}
