//
// Owns: one commit for a group of operations, each with its own fate.
//
// A group first runs without savepoints, because nearly always all succeed; a key that is taken is noticed before its
// member has written. If a member throws, everything is rolled back and the group runs again with a savepoint around
// each: then one failure refuses one member. Nothing is answered before COMMIT has returned, that is, after its fsync.

import type { Database } from 'bun:sqlite'
import { acceptance, type Octets, SHA256_OCTETS } from './accept.ts'
import { Boots } from './boots.ts'
import { claiming } from './claim.ts'
import { commanding } from './command.ts'
import { kindOfError } from './faults.ts'
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

export class GroupCommitter {
  private readonly db: Database
  private readonly line: WaitingLine
  private readonly boots: Boots
  private readonly perform: (operation: Operation, octets: Octets) => unknown

  constructor(db: Database) {
    this.db = db
    this.line = new WaitingLine(db)
    this.boots = new Boots(db, this.line)
    this.perform = this.dispatch()
  }

  commit(operations: readonly Operation[], bytes: Uint8Array): GroupEnd {
    try {
      return { answers: this.runTogether(operations, bytes), trouble: null }
    } catch (error) {
      this.rollBack()
      if (kindOfError(error) === 'unavailable') return this.standStill(operations, error)
    }
    try {
      return { answers: this.runApart(operations, bytes), trouble: null }
    } catch (error) {
      this.rollBack()
      const kind = kindOfError(error)
      if (kind === 'full') return { answers: operations.map(() => ({ fault: 'full' })), trouble: null }
      return this.standStill(operations, error)
    }
  }

  private runTogether(operations: readonly Operation[], bytes: Uint8Array): Answer[] {
    const octets = cutting(bytes)
    this.db.run('BEGIN IMMEDIATE')
    const answers = operations.map((operation) => ({ value: this.perform(operation, octets) }))
    this.line.writeCounts()
    this.db.run('COMMIT')
    return answers
  }

  private runApart(operations: readonly Operation[], bytes: Uint8Array): Answer[] {
    this.db.run('BEGIN IMMEDIATE')
    let offset = 0
    const answers = operations.map((operation) => {
      const size = octetsOf(operation)
      const own = cutting(bytes.subarray(offset, offset + size))
      offset += size
      return this.runAlone(operation, own)
    })
    this.db.run('COMMIT')
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
      // SQLite may have rolled back the whole transaction by itself: then the others are not in it any more.
      if (kind === 'unavailable' || !this.db.inTransaction) throw error
      this.forget()
      this.db.run('ROLLBACK TO member')
      this.db.run('RELEASE member')
      return kind === 'bug' ? { bug: String(error) } : { fault: kind }
    }
  }

  private standStill(operations: readonly Operation[], error: unknown): GroupEnd {
    return { answers: operations.map(() => ({ fault: 'unavailable' })), trouble: String(error) }
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
    const retain = retention(this.db)
    const run = statementRunner(this.db)
    const assign = this.db.prepare(`
      INSERT INTO destinations (destination, provider) VALUES (?, ?)
      ON CONFLICT (destination) DO UPDATE SET provider = excluded.provider WHERE provider <> excluded.provider`)
    return (operation, octets) => {
      switch (operation.op) {
        case 'accept':
          return accept(operation, octets)
        case 'settle':
          return settle(operation)
        case 'claim':
          return claim(operation)
        case 'beat':
          return this.boots.beat(operation)
        case 'providers':
          for (const [destination, provider] of operation.assignments) assign.run(destination, provider)
          return null
        case 'command':
          return command(operation)
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

const octetsOf = (operation: Operation): number =>
  operation.op === 'accept' && operation.content !== null ? SHA256_OCTETS + operation.content[2] : 0

function cutting(bytes: Uint8Array): Octets {
  let offset = 0
  return (size) => {
    offset += size
    return bytes.subarray(offset - size, offset)
  }
}
