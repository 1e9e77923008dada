// Owns: WebhookStore for both engines, the outbox. Rows travel as one JSON text: one statement for hundreds of them.

import type { EventId, MessageId } from '../../core/ids.ts'
import { fault, ok } from '../../core/result.ts'
import { DAY } from '../../core/time.ts'
import type { WebhookId } from '../../core/webhook.ts'
import type { Whole } from '../columns.ts'
import type { Executor, Query } from '../executor.ts'
import { cursorStep } from '../log.ts'
import { orNull } from '../rows.ts'
import type { Store } from '../store.ts'
import type { NewPost, PostEnd, WebhookPost, WebhookStore } from '../webhook-store.ts'
import { each, eachText, placesOn } from './texts.ts'
import { settled } from './writes.ts'

type Engine = Store['engine']
type Outbox = Pick<
  WebhookStore,
  'append' | 'replay' | 'note' | 'take' | 'settle' | 'forward' | 'nextDueAt' | 'countWaiting' | 'forget'
>

interface TakenRow {
  readonly webhook_id: string
  readonly event_id: string
  readonly replay: Whole
  readonly message_id: string
  readonly body: string
  readonly attempts: Whole
  readonly due_at: Whole
  readonly created_at: Whole
}

const POST_COLUMNS =
  'webhook_id, event_id, replay, account_id, message_id, body, attempts, due_at, state, created_at'
const ATTEMPT_COLUMNS = 'webhook_id, event_id, replay, number, at, took, status, fault, request, response'

function textsFor(engine: Engine) {
  const sqlite = engine === 'sqlite'
  const place = placesOn(engine)
  const rows = each(engine)
  const listed = (number: number): string => eachText(engine, number, 'one')
  const dueFor = (columns: string): string => `SELECT ${columns} FROM webhook_posts w
    WHERE w.webhook_id = one.value AND w.due_at <= ${place(2)} ORDER BY w.due_at LIMIT ${place(4)}`
  const due = sqlite
    ? `${listed(3)} CROSS JOIN webhook_posts AS p
       ON p.webhook_id = one.value AND (p.event_id, p.replay) IN (${dueFor('w.event_id, w.replay')})`
    : `${listed(3)} CROSS JOIN LATERAL (${dueFor('w.webhook_id, w.event_id, w.replay')}) AS p`
  const whole = (number: number): string => `CAST(value->>${number} AS bigint)`
  // One that another node took away: nobody would ever post what waits for it.
  const posted = (replay: string): string => `INSERT INTO webhook_posts (${POST_COLUMNS})
    SELECT value->>0, value->>1, ${replay}, value->>2, value->>3, value->>4, 0, ${whole(5)}, 'waiting', ${whole(6)}
      FROM ${rows} WHERE EXISTS (SELECT 1 FROM webhooks w WHERE w.id = item.value->>0) ON CONFLICT DO NOTHING`
  return {
    append: posted('0'),
    replay: posted(`1 + coalesce((SELECT max(p.replay) FROM webhook_posts p
      WHERE p.webhook_id = item.value->>0 AND p.event_id = item.value->>1), 0)`),
    // The due time is asked twice: another node that took a row first has moved it by the time this one has its lock.
    take: `UPDATE webhook_posts SET due_at = ${place(1)} WHERE due_at <= ${place(2)}
        AND (webhook_id, event_id, replay) IN (SELECT p.webhook_id, p.event_id, p.replay FROM ${due})
      RETURNING webhook_id, event_id, replay, message_id, body, attempts, due_at, created_at`,
    // Whose lease another node has outlived may end it as well: what has ended stays so.
    end: `UPDATE webhook_posts
        SET attempts = e.attempts, due_at = e.due_at, state = e.state, finished_at = e.finished_at
      FROM (SELECT value->>0 AS webhook_id, value->>1 AS event_id, ${whole(2)} AS replay, ${whole(3)} AS attempts,
                   ${whole(4)} AS due_at, value->>5 AS state, ${whole(6)} AS finished_at FROM ${rows}) AS e
      WHERE webhook_posts.webhook_id = e.webhook_id AND webhook_posts.event_id = e.event_id
        AND webhook_posts.replay = e.replay AND webhook_posts.state = 'waiting'`,
    attempt: `INSERT INTO webhook_attempts (${ATTEMPT_COLUMNS})
      SELECT value->>0, value->>1, ${whole(2)}, ${whole(3)}, ${whole(4)}, ${whole(5)}, ${whole(6)},
             value->>7, value->>8, value->>9
        FROM ${rows} WHERE true ON CONFLICT DO NOTHING`,
    failing: `UPDATE webhooks SET failing_since = e.since
      FROM (SELECT value->>0 AS id, ${whole(1)} AS since FROM ${rows}) AS e WHERE webhooks.id = e.id`,
    forward: `UPDATE webhook_posts
        SET due_at = ${sqlite ? 'max' : 'greatest'}(CAST(${place(1)} AS bigint), due_at - CAST(${place(2)} AS bigint))
      WHERE due_at > ${place(1)}`,
    next: `SELECT min(due) AS due_at FROM (
        SELECT (SELECT w.due_at FROM webhook_posts w WHERE w.webhook_id = one.value AND w.due_at IS NOT NULL
                 ORDER BY w.due_at LIMIT 1) AS due FROM ${listed(1)}) AS dues`,
    waiting: 'SELECT count(*) AS waiting FROM webhook_posts WHERE due_at IS NOT NULL',
    // By webhook and due time: the index of ages would lead over all that has ended.
    giveUp: `UPDATE webhook_posts SET state = 'given_up', finished_at = created_at, due_at = NULL
      WHERE (webhook_id, event_id, replay) IN (
        SELECT webhook_id, event_id, replay FROM webhook_posts
         WHERE webhook_id IN (SELECT id FROM webhooks) AND due_at < ${place(2)} AND +created_at < ${place(1)}
         LIMIT ${place(3)})
      RETURNING 1 AS done`,
    forgetPosts: `DELETE FROM webhook_posts WHERE (webhook_id, event_id, replay) IN (
        SELECT webhook_id, event_id, replay FROM webhook_posts
         WHERE created_at < ${place(1)} AND (due_at IS NULL OR webhook_id NOT IN (SELECT id FROM webhooks))
         ORDER BY created_at LIMIT ${place(2)})
      RETURNING 1 AS done`,
    removePosts: `DELETE FROM webhook_posts WHERE (webhook_id, event_id, replay) IN (
        SELECT webhook_id, event_id, replay FROM webhook_posts WHERE webhook_id = ${place(1)} LIMIT ${place(2)})
      RETURNING 1 AS done`,
    removeAttempts: `DELETE FROM webhook_attempts WHERE (webhook_id, event_id, replay, number) IN (
        SELECT webhook_id, event_id, replay, number FROM webhook_attempts WHERE webhook_id = ${place(1)} LIMIT ${place(2)})
      RETURNING 1 AS done`,
    forgetAttempts: `DELETE FROM webhook_attempts WHERE (webhook_id, event_id, replay, number) IN (
        SELECT webhook_id, event_id, replay, number FROM webhook_attempts
         WHERE at < ${place(1)} ORDER BY at LIMIT ${place(2)})
      RETURNING 1 AS done`,
  }
}

/** Rows of one statement. */
const CHUNK = 500
const FORGOTTEN_AT_ONCE = 1000
/** A post is due within so long of its making: then it is given up. */
const LATEST = 3 * DAY

function many(text: string, rows: readonly unknown[]): readonly Query[] {
  const queries: Query[] = []
  for (let at = 0; at < rows.length; at += CHUNK) {
    queries.push({ sql: text, values: [JSON.stringify(rows.slice(at, at + CHUNK))] })
  }
  return queries
}

const postValues = (post: NewPost) => [
  post.webhookId,
  post.eventId,
  post.accountId,
  post.messageId,
  storable(post.body),
  Math.round(post.dueAt),
  Math.round(post.createdAt),
]

function endValues({ webhookId, eventId, replay, attempts, next }: PostEnd) {
  const [dueAt, finishedAt] =
    next.state === 'waiting' ? [Math.ceil(next.dueAt), null] : [null, Math.round(next.at)]
  return [webhookId, eventId, replay, attempts, dueAt, next.state, finishedAt]
}

function attemptValues({ webhookId, eventId, replay, attempt }: PostEnd): readonly unknown[][] {
  if (attempt === null) return []
  const { number, at, took, status, fault: why, request, response } = attempt
  const texts = [why, request, response].map(storable)
  return [[webhookId, eventId, replay, number, Math.round(at), Math.round(took), status, ...texts]]
}

/** PostgreSQL keeps neither NUL nor half a pair of UTF-16. */
const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed()

export function outboxOn(engine: Engine, executor: Executor): Outbox {
  const text = textsFor(engine)
  const step = cursorStep(engine)
  return {
    async append(posts, move) {
      const written = await executor.write([...step(move), ...many(text.append, posts.map(postValues))])
      if (written.ok) return ok('done')
      return written.error === 'exists' ? ok('overtaken') : fault(written.error)
    },
    async replay(posts) {
      return settled(await executor.write(many(text.replay, posts.map(postValues))))
    },
    async note(post, end) {
      const queries = [
        ...many(text.append, [postValues(post)]),
        ...many(text.attempt, attemptValues(end)),
        ...many(text.end, [endValues(end)]),
      ]
      return settled(await executor.write(queries))
    },
    async take({ now, until, of, each }) {
      if (of.length === 0) return []
      const values = [Math.round(until), Math.floor(now), JSON.stringify(of), each]
      const taken = await executor.write([{ sql: text.take, values }])
      return taken.ok ? (taken.value[0] as TakenRow[]).map(postOf).sort(byEvent) : []
    },
    async settle(ends, failing) {
      const queries = [
        ...many(text.attempt, ends.flatMap(attemptValues)),
        ...many(text.end, ends.map(endValues)),
        ...many(
          text.failing,
          failing.map(({ webhookId, since }) => [webhookId, since === null ? null : Math.round(since)]),
        ),
      ]
      return queries.length === 0 ? ok(undefined) : settled(await executor.write(queries))
    },
    async forward(now, back) {
      const values = [Math.floor(now), Math.round(back)]
      return settled(await executor.write([{ sql: text.forward, values }]))
    },
    async nextDueAt(of) {
      if (of.length === 0) return null
      const query: Query<{ due_at: Whole | null }> = { sql: text.next, values: [JSON.stringify(of)] }
      const [row] = await executor.read(query)
      return row ? orNull(row.due_at) : null
    },
    async countWaiting() {
      const [row] = await executor.read<{ waiting: Whole }>({ sql: text.waiting, values: [] })
      return Number(row?.waiting ?? 0)
    },
    async forget(endedBefore, givenUpBefore) {
      const [ended, late] = [Math.round(endedBefore), Math.round(givenUpBefore)]
      await inChunks(executor, { sql: text.giveUp, values: [late, late + LATEST, FORGOTTEN_AT_ONCE] })
      await inChunks(executor, { sql: text.forgetPosts, values: [ended, FORGOTTEN_AT_ONCE] })
      await inChunks(executor, { sql: text.forgetAttempts, values: [ended, FORGOTTEN_AT_ONCE] })
    },
  }
}

/** Others have their turn between two. What could not be removed now goes with the next call. */
async function inChunks(executor: Executor, query: Query): Promise<void> {
  for (;;) {
    const done = await executor.write([query])
    if (!done.ok || (done.value[0]?.length ?? 0) < FORGOTTEN_AT_ONCE) return
  }
}

/** All that waited for a webhook that is gone, and all that was noted of it; what a crash leaves goes when it is old. */
export async function removeAllOf(engine: Engine, executor: Executor, id: WebhookId): Promise<void> {
  const text = textsFor(engine)
  for (const sql of [text.removePosts, text.removeAttempts]) {
    await inChunks(executor, { sql, values: [id, FORGOTTEN_AT_ONCE] })
  }
}

/** Ids sort by time: what happened first goes first. */
const byEvent = (a: WebhookPost, b: WebhookPost): number =>
  a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : a.replay - b.replay

const postOf = (row: TakenRow): WebhookPost => ({
  webhookId: row.webhook_id as WebhookId,
  eventId: row.event_id as EventId,
  replay: Number(row.replay),
  messageId: row.message_id as MessageId,
  body: row.body,
  attempts: Number(row.attempts),
  dueAt: Number(row.due_at),
  createdAt: Number(row.created_at),
})
