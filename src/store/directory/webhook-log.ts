// Owns: WebhookStore for both engines, what became of posts as users look at it.

import type { Selectable } from 'kysely'
import type { EventId, MessageId } from '../../core/ids.ts'
import { compilerFor, type Executor, listStatement, places, type Query } from '../executor.ts'
import { orNull, type Value } from '../rows.ts'
import type { Store } from '../store.ts'
import type { WebhookAttemptTable, WebhookPostTable } from '../told-tables.ts'
import type { PostAttempt, PostRow, WebhookStore } from '../webhook-store.ts'

export function postLogOn(engine: Store['engine'], executor: Executor): Pick<WebhookStore, 'posts'> {
  const db = compilerFor(engine)
  const attempts = listStatement((size) =>
    db
      .selectFrom('webhook_attempts')
      .selectAll()
      .where('webhook_id', '=', '')
      .where('event_id', 'in', places(size)),
  )
  return {
    async posts({ webhookId, limit, state, after, before = null }) {
      const way = before === null ? 'desc' : 'asc'
      // Compiled for each ask: nobody looks a thousand times a second.
      let query = db
        .selectFrom('webhook_posts')
        .selectAll()
        .where('webhook_id', '=', webhookId)
        .orderBy('event_id', way)
        .orderBy('replay', way)
        .limit(limit)
      if (state !== null) query = query.where('state', '=', state)
      const mark = before ?? after
      if (mark !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(
            refTuple('event_id', 'replay'),
            before === null ? '<' : '>',
            tuple(mark.eventId as string, mark.replay),
          ),
        )
      const { sql, parameters } = query.compile()
      const found: Query<Selectable<WebhookPostTable>> = { sql, values: parameters as readonly Value[] }
      const read = await executor.read(found)
      const rows = before === null ? read : read.toReversed()
      const tries = new Map<string, PostAttempt[]>()
      for (const asked of attempts([webhookId], [...new Set(rows.map((row) => row.event_id))])) {
        for (const row of await executor.read(asked)) {
          const key = `${row.event_id} ${row.replay}`
          const of = tries.get(key) ?? []
          of.push(attemptOf(row))
          tries.set(key, of)
        }
      }
      return rows.map((row): PostRow => {
        const of = tries.get(`${row.event_id} ${row.replay}`) ?? []
        return { ...postOf(row, webhookId), attempts: of.sort((a, b) => a.number - b.number) }
      })
    },
  }
}

const postOf = (
  row: Selectable<WebhookPostTable>,
  webhookId: PostRow['webhookId'],
): Omit<PostRow, 'attempts'> => ({
  webhookId,
  eventId: row.event_id as EventId,
  replay: Number(row.replay),
  messageId: row.message_id as MessageId,
  body: row.body,
  state: row.state as PostRow['state'],
  dueAt: orNull(row.due_at),
  createdAt: Number(row.created_at),
  finishedAt: orNull(row.finished_at),
})

const attemptOf = (row: Selectable<WebhookAttemptTable>): PostAttempt => ({
  number: Number(row.number),
  at: Number(row.at),
  took: Number(row.took),
  status: orNull(row.status),
  fault: row.fault,
  request: row.request,
  response: row.response,
})
