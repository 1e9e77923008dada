//
// Owns: giving a message another time on SQLite. The message says when; its waiting copies follow, a chunk per commit.
// A copy that is claimed in between carries the new time, and goes back until then (services/queue/intake.ts).

import { fault, ok } from '../../core/result.ts'
import type { Executor, Query } from '../executor.ts'
import { CONTENT_COLUMNS, contentValues, deliveryRange } from '../rows.ts'
import type { Rescheduling, ScheduleStore } from '../schedule-store.ts'
import { schedulesOn } from '../schedules.ts'
import { insertText } from './accept.ts'
import { faultOf, inChunks } from './queue.ts'
import type { Plain } from './wire.ts'
import type { Writer } from './writer.ts'

const ADD_CONTENT = `INSERT ${insertText('contents', CONTENT_COLUMNS)}`

const MOVE = `
  UPDATE messages SET scheduled_at = ?1, expires_at = ?2, content_id = coalesce(?3, content_id), fill = coalesce(?4, fill)
   WHERE id = ?5 AND account_id = ?6 AND scheduled_at IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM leased WHERE delivery_id > ?7 AND delivery_id < ?8)
     AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id > ?7 AND id < ?8
                        AND (attempts > 0 OR state IN ('delivered', 'bounced', 'failed')))
     AND EXISTS (SELECT 1 FROM deliveries WHERE id > ?7 AND id < ?8 AND state IN ('queued', 'held'))
  RETURNING id`

export function sqliteSchedules(writer: Writer, executor: Executor): ScheduleStore {
  return {
    ...schedulesOn('sqlite', executor),
    async reschedule(ask) {
      const end = await executor.write(movingOf(ask))
      if (!end.ok) return fault(faultOf(end.error))
      if ((end.value.at(-1)?.length ?? 0) === 0) return ok('begun')
      const filter = { messageId: ask.messageId, ...ANY }
      const order = { op: 'command', command: 'align', filter, now: ask.now, eventIds: [] } as const
      await inChunks<readonly Plain[]>(writer, (after) => ({ ...order, after }))
      return ok('moved')
    },
  }
}

const ANY = {
  destination: null,
  accountId: null,
  keyId: null,
  provider: null,
  campaign: null,
  rank: null,
} as const

/** A content that nothing came to use goes with retention. */
function movingOf({ messageId, accountId, at, expiresAt, now, content, fill }: Rescheduling): Query[] {
  const { low, high } = deliveryRange(messageId)
  const values = [at, expiresAt, content?.id ?? null, fill, messageId, accountId, low, high]
  const move = { sql: MOVE, values }
  return content === null ? [move] : [{ sql: ADD_CONTENT, values: contentValues(content, now) }, move]
}
