//
// Owns: one commit for a group of operations, each with its own fate.
//
// A group first runs without savepoints, because nearly always all succeed; a key that is taken is noticed before its
// member has written. If a member throws, everything is rolled back and the group runs again with a savepoint around
// each: then one failure refuses one member. On a full disk each member has a commit of its own. Nothing is answered before COMMIT has returned, that is, after its fsync.

import type { Database, Statement } from 'bun:sqlite'
import { acceptance, type Octets, octetsOf } from './accept.ts'
import { Boots } from './boots.ts'
import { claiming } from './claim.ts'
import { commanding } from './command.ts'
import { kindOfError } from './faults.ts'
import { forwarding } from './forward.ts'
import { moving } from './move.ts'
import { retention } from './retain.ts'
import { settlement } from './settle.ts'
import { statementRunner } from './statements.ts'
import { WaitingLine } from './waiting-line.ts'
import type { Answer, Operation } from './wire.ts'

export interface GroupEnd {
  readonly answers: readonly Answer[]
  /** Not null when the file could not be written or synced: nothing may be written before it was opened anew. */
  readonly trouble: string | null
}

/** The reserve, as the group sees it. */
export interface Room {
  /** True while the reserve is given up: new mail must not take what was freed for the old. */
  isTight(): boolean
  /** Gives up the reserve; true if that made room. */
  make(): boolean
}

export class GroupCommitter {
  private readonly db: Database
  private readonly room: Room
  private readonly line: WaitingLine
  private readonly boots: Boots
  private readonly begin: Statement
  private readonly end: Statement
  private readonly perform: (operation: Operation, octets: Octets) => unknown

  constructor(db: Database, room: Room) {
    this.db = db
    this.room = room
    this.line = new WaitingLine(db)
    this.boots = new Boots(db, this.line)
    this.begin = db.prepare('BEGIN IMMEDIATE')
    this.end = db.prepare('COMMIT')
    this.perform = this.dispatch()
  }

  commit(operations: readonly Operation[], bytes: Uint8Array): GroupEnd {
    // Each way is slower than the one before and spares more members from another one's failure.
    const ways = this.room.isTight()
      ? [this.runOneByOne]
      : [this.runTogether, this.runApart, this.runOneByOne]
    for (const way of ways) {
      try {
        return { answers: way.call(this, operations, bytes), trouble: null }
      } catch (error) {
        this.rollBack()
        if (kindOfError(error) === 'unavailable') return standStill(operations, error)
      }
    }
    return standStill(operations, 'no way to commit')
  }

  private runTogether(operations: readonly Operation[], bytes: Uint8Array): Answer[] {
    const octets = cutting(bytes)
    this.begin.run()
    const answers = operations.map((operation) => ({ value: this.perform(operation, octets) }))
    this.line.writeCounts()
    this.end.run()
    return answers
  }

  private runApart(operations: readonly Operation[], bytes: Uint8Array): Answer[] {
    this.begin.run()
    const answers = eachWithOctets(operations, bytes, (operation, octets) => this.runAlone(operation, octets))
    this.end.run()
    return answers
  }

  private runAlone(operation: Operation, octets: Octets): Answer {
    this.db.run('SAVEPOINT member')
    try {
      const value = this.perform(operation, octets)
      this.line.writeCounts()
      this.db.run('RELEASE member')
      return { value }
    } catch (error) {
      const kind = kindOfError(error)
      // A full disk may have rolled back the whole transaction: then the others are not in it any more.
      if (kind === 'unavailable' || kind === 'full') throw error
      this.forget()
      this.db.run('ROLLBACK TO member')
      this.db.run('RELEASE member')
      return kind === 'bug' ? { bug: String(error) } : { fault: kind }
    }
  }

  /** On a full disk: large mail is refused while what is small, above all what came of attempts, still fits. */
  private runOneByOne(operations: readonly Operation[], bytes: Uint8Array): Answer[] {
    return eachWithOctets(operations, bytes, (operation, octets) => {
      const answer = this.commitAlone(operation, octets)
      const isOwed = !isNew(operation) && 'fault' in answer && answer.fault === 'full'
      return isOwed && this.room.make() ? this.commitAlone(operation, octets) : answer
    })
  }

  private commitAlone(operation: Operation, octets: Octets): Answer {
    if (isNew(operation) && this.room.isTight()) return { fault: 'full' }
    try {
      this.begin.run()
      const answer = this.runAlone(operation, octets)
      this.end.run()
      return answer
    } catch (error) {
      if (kindOfError(error) !== 'full') throw error
      this.rollBack()
      return { fault: 'full' }
    }
  }

  private rollBack(): void {
    this.forget()
    try {
      if (this.db.inTransaction) this.db.run('ROLLBACK')
    } catch {
      // The connection is closed and opened anew after this kind of failure.
    }
  }

  private forget(): void {
    this.line.forget()
    this.boots.forget()
  }

  private dispatch(): (operation: Operation, octets: Octets) => unknown {
    const accept = acceptance(this.db, this.line, this.boots)
    const settle = settlement(this.db, this.line, this.boots)
    const claim = claiming(this.db, this.line, this.boots)
    const command = commanding(this.db, this.line)
    const forward = forwarding(this.db, this.line)
    const retain = retention(this.db)
    const run = statementRunner(this.db)
    const move = moving(run, command)
    const assign = this.db.prepare(`
      INSERT INTO destinations (destination, provider) VALUES (?, ?)
      ON CONFLICT (destination) DO UPDATE SET provider = excluded.provider WHERE provider <> excluded.provider`)
    const follow = this.db.prepare('UPDATE lines SET provider = ? WHERE destination = ?')
    return (operation, octets) => {
      switch (operation.op) {
        case 'accept':
        case 'together':
          return accept(operation, octets)
        case 'settle':
          return settle(operation)
        case 'claim':
          return claim(operation)
        case 'beat':
          return this.boots.beat(operation)
        case 'providers':
          for (const [destination, provider] of operation.assignments) {
            if (assign.run(destination, provider).changes > 0) follow.run(provider, destination)
          }
          return null
        case 'command':
          return command(operation)
        case 'move':
          return move(operation)
        case 'forward':
          return forward(operation)
        case 'retain':
          return retain(operation)
        case 'statements':
          return operation.statements.map(run)
        default:
          return operation satisfies never
      }
    }
  }
}

/** New mail; all else is owed. */
const isNew = ({ op }: Operation): boolean => op === 'accept' || op === 'together'

const standStill = (operations: readonly Operation[], error: unknown): GroupEnd => ({
  answers: operations.map(() => ({ fault: 'unavailable' })),
  trouble: String(error),
})

/** Whatever became of its neighbours, each member gets its own octets. */
function eachWithOctets(
  operations: readonly Operation[],
  bytes: Uint8Array,
  run: (operation: Operation, octets: Octets) => Answer,
): Answer[] {
  let offset = 0
  return operations.map((operation) => {
    const start = offset
    offset += octetsOf(operation)
    return run(operation, cutting(bytes.subarray(start, offset)))
  })
}

function cutting(bytes: Uint8Array): Octets {
  let offset = 0
  return (size) => {
    offset += size
    return bytes.subarray(offset - size, offset)
  }
}
