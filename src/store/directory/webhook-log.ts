// Owns: WebhookStore for both engines, what became of posts as users look at it.

import type { EventId, MessageId } from '../../core/ids.ts'
import { compilerFor, type Executor, listStatement, places, type Query } from '../executor.ts'
import { orNull, type Value } from '../rows.ts'
import type { Store } from '../store.ts'
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
    async posts({ webhookId, limit, state, after }) {
      // Compiled for each ask: nobody looks a thousand times a second.
      let query = db
        .selectFrom('webhook_posts')
        .selectAll()
        .where('webhook_id', '=', webhookId)
        .orderBy('event_id', 'desc')
        .orderBy('replay', 'desc')
        .limit(limit)
      if (state !== null) query = query.where('state', '=', state)
      if (after !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('event_id', 'replay'), '<', tuple(after.eventId as string, after.replay)),
        )
      const { sql, parameters } = query.compile()
      const found: Query<Row> = { sql, values: parameters as readonly Value[] }
      const rows = await executor.read(found)
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

interface Row {
  readonly event_id: string
  readonly replay: string | number | bigint
  readonly message_id: string
  readonly body: string
  readonly state: string
  readonly due_at: string | number | null
  readonly created_at: string | number
  readonly finished_at: string | number | null
}

const postOf = (row: Row, webhookId: PostRow['webhookId']): Omit<PostRow, 'attempts'> => ({
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

interface AttemptRow {
  readonly number: string | number | bigint
  readonly at: string | number | bigint
  readonly took: string | number | bigint
  readonly status: string | number | bigint | null
  readonly fault: string
  readonly request: string
  readonly response: string
}

const attemptOf = (row: AttemptRow): PostAttempt => ({
  number: Number(row.number),
  at: Number(row.at),
  took: Number(row.took),
  status: row.status === null ? null : Number(row.status),
  fault: row.fault,
  request: row.request,
  response: row.response,
})
