//
// Owns: giving a message another time on SQLite: the message says when, its waiting copies follow in the same commit.

import { fault, ok } from '../../core/result.ts'
import type { Executor, Query } from '../executor.ts'
import { CONTENT_COLUMNS, contentValues, deliveryRange } from '../rows.ts'
import type { Rescheduling, ScheduleStore } from '../schedule-store.ts'
import { schedulesOn } from '../schedules.ts'
import { insertText } from './accept.ts'
import { faultOf } from './queue.ts'
import { packed } from './statements.ts'
import type { Writer } from './writer.ts'

const ADD_CONTENT = `INSERT ${insertText('contents', CONTENT_COLUMNS)}`

const MOVE = `
  UPDATE messages SET scheduled_at = ?1, expires_at = ?2, content_id = coalesce(?3, content_id), fill = coalesce(?4, fill)
   WHERE id = ?5 AND account_id = ?6 AND scheduled_at = ?9
     AND NOT EXISTS (SELECT 1 FROM leased WHERE delivery_id > ?7 AND delivery_id < ?8)
     AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id > ?7 AND id < ?8
                        AND (attempts > 0 OR state IN ('delivered', 'bounced', 'failed')))
     AND EXISTS (SELECT 1 FROM deliveries WHERE id > ?7 AND id < ?8 AND state IN ('queued', 'held'))
  RETURNING id`

export function sqliteSchedules(writer: Writer, executor: Executor): ScheduleStore {
  return {
    ...schedulesOn('sqlite', executor),
    async reschedule(ask) {
      const statements = movingOf(ask).map(({ sql, values }) => ({ sql, values: values.map(packed) }))
      const filter = { messageId: ask.messageId, ...ANY }
      const align = { op: 'command', command: 'align', filter, now: ask.now, eventIds: [] } as const
      const octets = ask.content?.bytes.byteLength ?? 0
      const end = await writer.run({ op: 'move', statements, align }, { rows: 10, bytes: 1000 + 2 * octets })
      if (!end.ok) return fault(faultOf(end.error))
      return ok(end.value === true ? 'moved' : 'begun')
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
function movingOf({ messageId, accountId, was, at, expiresAt, now, content, fill }: Rescheduling): Query[] {
  const { low, high } = deliveryRange(messageId)
  const values = [at, expiresAt, content?.id ?? null, fill, messageId, accountId, low, high, was]
  const move = { sql: MOVE, values }
  return content === null ? [move] : [{ sql: ADD_CONTENT, values: contentValues(content, now) }, move]
}
