//
// Owns: a message that gets another time, and the due times of its copies with it, in one commit. They are bounded by
// submission.max_recipients, 5 µs each.

import type { Chunk, CommandOperation, MoveOperation, Plain, WireStatement } from './wire.ts'

type Run = (statement: WireStatement) => unknown[]
type Command = (operation: CommandOperation) => Chunk<readonly Plain[]>

/** True: it was changed. */
export const moving =
  (run: Run, command: Command) =>
  ({ align, statements }: MoveOperation): boolean => {
    const changed = statements.map(run).at(-1)?.length ?? 0
    if (changed === 0) return false
    let after: readonly Plain[] | null = null
    do after = command({ ...align, after }).next
    while (after !== null)
    return true
  }
