// Owns: WebhookStore for both engines, the side of the webhooks themselves.

import type { Kysely, Selectable } from 'kysely'
import type { LogEventType } from '../../core/event.ts'
import type { AccountId } from '../../core/ids.ts'
import { WEBHOOK_FORMATS, type WebhookFormat, type WebhookId } from '../../core/webhook.ts'
import { compilerFor, type Executor, statement } from '../executor.ts'
import { orNull } from '../rows.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import type { WebhookTable } from '../told-tables.ts'
import type { StoredWebhook, WebhookStore } from '../webhook-store.ts'
import { postLogOn } from './webhook-log.ts'
import { outboxOn, removeAllOf } from './webhook-posts.ts'
import { changed, done, settled } from './writes.ts'

export const webhooksOn = (engine: Store['engine'], executor: Executor): WebhookStore => ({
  ...bookOn(engine, executor),
  ...outboxOn(engine, executor),
  ...postLogOn(engine, executor),
})

const NO_BYTES = new Uint8Array()

function statementsFor(db: Kysely<Tables>) {
  const all = db.selectFrom('webhooks').selectAll()
  return {
    add: statement(() =>
      db.insertInto('webhooks').values({
        id: '',
        account_id: '',
        url: '',
        events: '',
        note: '',
        format: '',
        state: '',
        reason: '',
        secret: NO_BYTES,
        previous_secret: NO_BYTES,
        previous_until: 0,
        created_at: 0,
        failing_since: 0,
      }),
    ),
    all: statement(() => all.orderBy('id')),
    ofAccount: statement(() => all.where('account_id', '=', '').orderBy('id')),
    change: statement(() =>
      db
        .updateTable('webhooks')
        .set({ url: '', events: '', note: '', state: '', reason: '', failing_since: 0 })
        .where('id', '=', '')
        .returning('id'),
    ),
    rotate: statement(() =>
      db
        .updateTable('webhooks')
        .set({ secret: NO_BYTES, previous_secret: NO_BYTES, previous_until: 0 })
        .where('id', '=', '')
        .returning('id'),
    ),
  }
}

function endStatements(db: Kysely<Tables>) {
  return {
    remove: statement(() => db.deleteFrom('webhooks').where('id', '=', '').returning('id')),
    disable: statement(() =>
      db
        .updateTable('webhooks')
        .set({ state: '', reason: '' })
        .where('id', '=', '')
        .where('state', '=', '')
        .returning('id'),
    ),
    hasten: statement(() =>
      db
        .updateTable('webhook_posts')
        .set({ due_at: 0 })
        .where('webhook_id', '=', '')
        .where('due_at', 'is not', null),
    ),
  }
}

type BookSide = Pick<WebhookStore, 'add' | 'list' | 'change' | 'rotate' | 'remove' | 'disable' | 'hasten'>

function bookOn(engine: Store['engine'], executor: Executor): BookSide {
  const db = compilerFor(engine)
  const sqlOf = { ...statementsFor(db), ...endStatements(db) }
  return {
    async add(hook) {
      const row = [hook.id, hook.accountId, hook.url, JSON.stringify(hook.events), hook.note, hook.format]
      const secrets = [hook.secret, hook.previousSecret, hook.previousUntil]
      const written = sqlOf.add(
        ...row,
        hook.state,
        hook.reason,
        ...secrets,
        hook.createdAt,
        hook.failingSince,
      )
      return done(await executor.write([written]))
    },
    async list(account) {
      const query = account === null ? sqlOf.all() : sqlOf.ofAccount(account)
      return (await executor.read(query)).map(webhookOfRow)
    },
    async change({ id, url, events, note, state, reason, failingSince }) {
      const query = sqlOf.change(url, JSON.stringify(events), note, state, reason, failingSince, id)
      return changed(await executor.write([query]))
    },
    async rotate(id, { secret, previousSecret, previousUntil }) {
      return changed(await executor.write([sqlOf.rotate(secret, previousSecret, previousUntil, id)]))
    },
    async remove(id) {
      const removed = changed(await executor.write([sqlOf.remove(id)]))
      if (removed.ok && removed.value) await removeAllOf(engine, executor, id)
      return removed
    },
    async disable(id, reason) {
      return changed(await executor.write([sqlOf.disable('disabled', reason, id, 'enabled')]))
    },
    async hasten(id, now) {
      return settled(await executor.write([sqlOf.hasten(now, id)]))
    },
  }
}

/** A word of a later version is not told in another's. */
const formatIn = (word: string): WebhookFormat => WEBHOOK_FORMATS.find((one) => one === word) ?? 'mailwok'

const webhookOfRow = (row: Selectable<WebhookTable>): StoredWebhook => ({
  id: row.id as WebhookId,
  accountId: row.account_id as AccountId,
  url: row.url,
  events: JSON.parse(row.events) as LogEventType[],
  note: row.note,
  format: formatIn(row.format),
  state: row.state === 'enabled' ? 'enabled' : 'disabled',
  reason: row.reason,
  secret: row.secret,
  previousSecret: row.previous_secret,
  previousUntil: orNull(row.previous_until),
  createdAt: Number(row.created_at),
  failingSince: orNull(row.failing_since),
})
