//
// Owns: the move of a follower of the log as statements that belong in the commit of its effects: whoever else has
// moved that cursor meanwhile makes the whole commit fail, so that each event has its effect once.

import type { Query } from './executor.ts'
import { cursorWrite } from './log.ts'
import type { Store } from './store.ts'
import type { LogStep } from './suppression-store.ts'

/**
 * The first statement takes the row's lock, so that the second sees what another node has just committed. Where that
 * is not `from`, the second inserts the row once more: the taken key refuses the commit as `exists`.
 */
export function cursorStep(engine: Store['engine']): (step: LogStep) => readonly Query[] {
  const place = (number: number): string => (engine === 'sqlite' ? `?${number}` : `$${number}`)
  const lock = `INSERT INTO cursors (follower, position) VALUES (${place(1)}, ${place(2)})
    ON CONFLICT (follower) DO UPDATE SET position = cursors.position`
  const prove = `INSERT INTO cursors (follower, position)
    SELECT follower, position FROM cursors WHERE follower = ${place(1)} AND position <> ${place(2)}`
  const write = cursorWrite(engine)
  return ({ follower, from, to }) => [
    { sql: lock, values: [follower, from] },
    { sql: prove, values: [follower, from] },
    write(follower, to),
  ]
}
