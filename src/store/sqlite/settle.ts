// Owns: writing what came of attempts. The lease is the fence: whose lease is gone changes nothing.

import type { Database } from 'bun:sqlite'
import { ATTEMPT_COLUMNS, EVENT_COLUMNS } from '../log-rows.ts'
import type { SettleCount } from '../store.ts'
import { insertText } from './accept.ts'
import type { Boots } from './boots.ts'
import type { WaitingLine } from './waiting-line.ts'
import type { SettleOperation, WireSettlement } from './wire.ts'

export function settlement(db: Database, line: WaitingLine, boots: Boots) {
  const update = db.prepare(`
    UPDATE deliveries SET state = ?2, due_at = ?3, finished_at = ?4, attempts = attempts + ?5 WHERE id = ?1`)
  const updateQueued = db.prepare<{ line: number }, [string, number | null, number]>(`
    UPDATE deliveries SET due_at = ?2, attempts = attempts + ?3 WHERE id = ?1 RETURNING line`)
  // OR REPLACE: an attempt number that was written before must not make the answer of a peer unrecordable.
  const addAttempt = db.prepare(`INSERT OR REPLACE ${insertText('attempts', ATTEMPT_COLUMNS)}`)
  const addEvent = db.prepare(`INSERT ${insertText('events', EVENT_COLUMNS)}`)

  const move = ({ id, state, dueAt, finishedAt, attempt }: WireSettlement): void => {
    const tried = attempt === null ? 0 : 1
    if (state !== 'queued' || dueAt === null) {
      update.run(id, state, dueAt, finishedAt, tried)
      return
    }
    const row = updateQueued.all(id, dueAt, tried)[0]
    if (row !== undefined) line.join(row.line, dueAt, id)
  }

  return ({ settlements, holder }: SettleOperation): SettleCount => {
    let settled = 0
    for (const settlement of settlements) {
      if (!boots.release(settlement.id, holder)) continue
      settled += 1
      move(settlement)
      if (settlement.attempt !== null) addAttempt.run(...settlement.attempt)
      for (const event of settlement.events) addEvent.run(...event)
    }
    return { settled, stale: settlements.length - settled }
  }
}
