//
// Owns: giving a message another time on PostgreSQL: its waiting copies are locked first, so that a claim either has
// them before, which is seen here, or finds them with their new time.

import { fault, ok, type Result } from '../../core/result.ts'
import type { Whole } from '../columns.ts'
import { CONTENT_COLUMNS, contentValues, deliveryRange } from '../rows.ts'
import type { Rescheduling, ScheduleStore } from '../schedule-store.ts'
import { schedulesOn } from '../schedules.ts'
import type { StoreFault } from '../store-fault.ts'
import { lookUp } from './bulk.ts'
import { troubleOf } from './faults.ts'
import { LineLedger } from './lines.ts'
import type { Pool } from './pool.ts'
import type { Transaction } from './writer.ts'

/** Two who lock the same rows in another order: one of them is told to come again. */
const TRIES = 3

const LOCK = `
  SELECT d.id, d.line FROM deliveries d
    JOIN waiting w ON ${lookUp('w.line', 'd.line')} AND w.due_at = d.due_at AND w.delivery_id = d.id
   WHERE d.id > $1 AND d.id < $2 ORDER BY w.line, w.due_at, w.delivery_id FOR UPDATE OF w`

const FACTS = `
  SELECT count(*) FILTER (WHERE state = 'queued') AS queued, count(*) FILTER (WHERE state = 'held') AS held,
         count(*) FILTER (WHERE attempts > 0 OR state IN ('delivered', 'bounced', 'failed')) AS begun
    FROM deliveries WHERE id > $1 AND id < $2`

const ADD_CONTENT = `
  INSERT INTO contents (${CONTENT_COLUMNS.join(', ')}) VALUES (${CONTENT_COLUMNS.map((_, at) => `$${at + 1}`).join(', ')})`

const MOVE = `
  UPDATE messages SET scheduled_at = $1::bigint, expires_at = $2::bigint,
         content_id = coalesce($3, content_id), fill = coalesce($4, fill)
   WHERE id = $5 AND account_id = $6 AND scheduled_at = $7::bigint RETURNING id`

const FOLLOW = `
  WITH gone AS (
    DELETE FROM waiting w USING deliveries d
     WHERE d.id > $1 AND d.id < $2 AND d.state = 'queued'
       AND ${lookUp('w.line', 'd.line')} AND w.due_at = d.due_at AND w.delivery_id = d.id
    RETURNING w.line, w.delivery_id),
  moved AS (UPDATE deliveries d SET due_at = $3::bigint FROM gone g WHERE ${lookUp('d.id', 'g.delivery_id')})
  INSERT INTO waiting (line, due_at, delivery_id) SELECT line, $3::bigint, delivery_id FROM gone`

export const postgresSchedules = (pool: Pool): ScheduleStore => ({
  ...schedulesOn('postgres', pool),
  async reschedule(ask) {
    for (let tried = 1; ; tried++) {
      try {
        return ok(await pool.transact((tx) => move(tx, ask)))
      } catch (error) {
        const trouble = troubleOf(error)
        if (trouble === 'again' && tried < TRIES) continue
        const known = faultOf(trouble)
        if (known === null) throw error
        return known
      }
    }
  },
})

function faultOf(trouble: ReturnType<typeof troubleOf>): Result<never, StoreFault> | null {
  if (trouble === 'full' || trouble === 'unavailable') return fault(trouble)
  return trouble === 'again' ? fault('busy') : null
}

async function move(tx: Transaction, ask: Rescheduling): Promise<'moved' | 'begun'> {
  const { low, high } = deliveryRange(ask.messageId)
  const waiting = await tx.run<{ id: string; line: Whole }>(LOCK, [low, high])
  const [facts] = await tx.run<{ queued: Whole; held: Whole; begun: Whole }>(FACTS, [low, high])
  const held = Number(facts?.held ?? 0)
  // One that is queued and does not wait is held by a node.
  const isBegun = Number(facts?.begun ?? 0) > 0 || Number(facts?.queued ?? 0) !== waiting.length
  if (isBegun || waiting.length + held === 0) return 'begun'
  const { content } = ask
  const message = [content?.id ?? null, ask.fill, ask.messageId, ask.accountId, ask.was]
  const [moved] = await tx.run(MOVE, [ask.at, ask.expiresAt, ...message])
  if (moved === undefined) return 'begun'
  if (content !== null) await tx.run(ADD_CONTENT, contentValues(content, ask.now))
  await tx.run(FOLLOW, [low, high, ask.at])
  const ledger = new LineLedger()
  for (const { id, line } of waiting) {
    ledger.went(Number(line), id)
    ledger.came(Number(line), ask.at, id)
  }
  await ledger.write(tx)
  return 'moved'
}
