//
// Owns: taking away everything of one account, a bounded number of rows per commit, so that mail of others never waits
// for it. What is looked for over a whole table is looked for by readers, page by page, never by the writer.
// Never: removes anything of a delivery that has no final answer (invariant I11).

import type { AccountId } from '../../core/ids.ts'
import type { WebhookId } from '../../core/webhook.ts'
import type { Purged, PurgeStore } from '../account-store.ts'
import type { Executor, Query } from '../executor.ts'
import type { Value } from '../rows.ts'
import type { Store } from '../store.ts'
import { eachText, placesOn } from './texts.ts'
import { removeAllOf } from './webhook-posts.ts'
import { settled } from './writes.ts'

/** Rows removed per commit and statement. */
const AT_ONCE = 200
/** Rows read at once where a table has no order by account. */
const READ_AT_ONCE = 2000
const MESSAGES_AT_ONCE = 10
/** Of each of those, per table: one may have thousands of recipients. */
const OF_EACH = 50

/** Everything with a column of the account that is small, or has the account at the front of an index. */
export const PURGED_TABLES: Readonly<Record<string, readonly string[]>> = {
  events: ['seq'],
  idempotency: ['account_id', 'key'],
  suppressions: ['account_id', 'recipient', 'stream'],
  strikes: ['account_id', 'recipient'],
  stats: ['account_id', 'dimension', 'name', 'span', 'at', 'metric'],
  sending_states: ['account_id', 'kind', 'name'],
  inbound_posts: ['id'],
  inbound_routes: ['id'],
  webhooks: ['id'],
  template_builds: ['template_id'],
  template_versions: ['template_id', 'number'],
  templates: ['id'],
  template_changes: ['account_id', 'number'],
  memberships: ['account_id', 'user_id'],
  invitations: ['id'],
  sessions: ['id'],
  buckets: ['account_id', 'bucket'],
  quotas: ['account_id', 'period'],
}

/** Those that go another way, or last of all; a test holds both lists to the schema. */
export const PURGED_OTHERWISE = [
  'messages',
  'deliveries',
  'ways_out',
  'webhook_posts',
  'domains',
  'lines',
  'api_keys',
  'audit',
] as const

interface Found {
  readonly id: string
  readonly account_id: string
  readonly content_id?: string
}

export function purgeOn(engine: Store['engine'], executor: Executor): PurgeStore {
  const place = placesOn(engine)
  const someOf: SomeOf = (...[table, keys, where, most = AT_ONCE]) => {
    const list = keys.join(', ')
    return `DELETE FROM ${table} WHERE (${list}) IN (SELECT ${list} FROM ${table} WHERE ${where} LIMIT ${most}) RETURNING 1 AS gone`
  }
  const purge = new Purge(executor, {
    tables: Object.entries(PURGED_TABLES).map(([table, keys]) =>
      someOf(table, keys, `account_id = ${place(1)}`),
    ),
    ...mailTexts(engine, someOf),
    webhooks: `SELECT id FROM webhooks WHERE account_id = ${place(1)}`,
    domains: ['domain_care', 'dkim_keys'].map(
      (table) =>
        `DELETE FROM ${table} WHERE domain IN (SELECT name FROM domains WHERE account_id = ${place(1)})`,
    ),
    domain: `DELETE FROM domains WHERE account_id = ${place(1)}`,
    removeHooks: (id) => removeAllOf(engine, executor, id),
  })
  // Of audit records there may be any number.
  const records = someOf('audit', ['id'], `account_id = ${place(1)}`)
  const last = ['audit', 'api_keys', 'accounts'].map((table) => {
    const column = table === 'accounts' ? 'id' : 'account_id'
    return `DELETE FROM ${table} WHERE ${column} = ${place(1)}`
  })
  return {
    purge: (account, goesOn) => purge.run(account, goesOn),
    async removeAccount(account) {
      for (;;) {
        const some = await executor.write([{ sql: records, values: [account] }])
        if (!some.ok) return settled(some)
        if ((some.value[0] ?? []).length < AT_ONCE) break
      }
      return settled(await executor.write(last.map((sql) => ({ sql, values: [account] }))))
    },
  }
}

type SomeOf = (...of: [table: string, keys: readonly string[], where: string, most?: number]) => string

function mailTexts(engine: Store['engine'], someOf: SomeOf) {
  const place = placesOn(engine)
  const these = `(SELECT one.value FROM ${eachText(engine, 1, 'one')})`
  const page = (table: string, key: string, more: string): string =>
    `SELECT ${key} AS id, account_id${more} FROM ${table} WHERE ${key} > ${place(1)} ORDER BY ${key} LIMIT ${READ_AT_ONCE}`
  return {
    messages: page('messages', 'id', ', content_id'),
    ways: page('ways_out', 'delivery_id', ''),
    removeWays: `DELETE FROM ways_out WHERE delivery_id IN ${these}`,
    // By the range of the primary key: a message's deliveries stand beside each other.
    owed: `SELECT one.value AS id FROM ${eachText(engine, 1, 'one')} WHERE EXISTS (SELECT 1 FROM deliveries d
      WHERE d.id > one.value || '.' AND d.id < one.value || '/' AND d.finished_at IS NULL)`,
    rows: [
      someOf(
        'attempts',
        ['delivery_id', 'number'],
        `delivery_id > ${place(1)} AND delivery_id < ${place(2)}`,
        OF_EACH,
      ),
      someOf('deliveries', ['id'], `id > ${place(1)} AND id < ${place(2)}`, OF_EACH),
    ],
    events: someOf('events', ['seq'], `message_id = ${place(1)}`, OF_EACH),
    removeMessages: `DELETE FROM messages WHERE id IN ${these}`,
    removeContents: `DELETE FROM contents WHERE id IN ${these}
      AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.content_id = contents.id)`,
  }
}

interface Texts extends ReturnType<typeof mailTexts> {
  readonly tables: readonly string[]
  readonly webhooks: string
  readonly domains: readonly string[]
  readonly domain: string
  readonly removeHooks: (id: WebhookId) => Promise<void>
}

/** The store said no: what is left goes with the next call. */
class Stopped extends Error {}

class Purge {
  readonly #executor: Executor
  readonly #texts: Texts
  #removed = 0
  #goesOn: () => boolean = () => true

  constructor(executor: Executor, texts: Texts) {
    this.#executor = executor
    this.#texts = texts
  }

  async run(account: AccountId, goesOn: () => boolean): Promise<Purged> {
    this.#removed = 0
    this.#goesOn = goesOn
    let owed = 0
    try {
      owed = await this.#mail(account)
      await this.#ways(account)
      await this.#hooks(account)
      if (owed === 0) {
        for (const sql of this.#texts.tables) await this.#all({ sql, values: [account] })
        await this.#domains(account)
      }
    } catch (error) {
      if (!(error instanceof Stopped)) throw error
      return { removed: this.#removed, owed, complete: false }
    }
    return { removed: this.#removed, owed, complete: true }
  }

  /** How many messages are still owed an answer. */
  async #mail(account: AccountId): Promise<number> {
    const { owed, messages } = this.#texts
    let left = 0
    for await (const found of this.#pages(messages, account)) {
      for (let at = 0; at < found.length; at += MESSAGES_AT_ONCE) {
        const some = found.slice(at, at + MESSAGES_AT_ONCE)
        const rows = await this.#executor.read<{ id: string }>({ sql: owed, values: [idsOf(some)] })
        const open = new Set(rows.map(({ id }) => id))
        left += open.size
        await this.#messages(some.filter(({ id }) => !open.has(id)))
      }
    }
    return left
  }

  async #messages(some: readonly Found[]): Promise<void> {
    if (some.length === 0) return
    const { events, removeContents, removeMessages, rows } = this.#texts
    const ofEach = (values: readonly (readonly Value[])[], sql: string): Query[] =>
      values.map((one) => ({ sql, values: one }))
    const ranges = some.map(({ id }) => [`${id}.`, `${id}/`])
    for (;;) {
      const queries = rows.flatMap((sql) => ofEach(ranges, sql))
      const most = await this.#write([
        ...queries,
        ...ofEach(
          some.map(({ id }) => [id]),
          events,
        ),
      ])
      if (most < OF_EACH) break
    }
    const contents = JSON.stringify(some.map(({ content_id }) => content_id ?? ''))
    await this.#write([
      { sql: removeMessages, values: [idsOf(some)] },
      { sql: removeContents, values: [contents] },
    ])
    this.#removed += some.length
  }

  async #ways(account: AccountId): Promise<void> {
    for await (const found of this.#pages(this.#texts.ways, account)) {
      for (let at = 0; at < found.length; at += AT_ONCE) {
        await this.#write([{ sql: this.#texts.removeWays, values: [idsOf(found.slice(at, at + AT_ONCE))] }])
      }
    }
  }

  async #hooks(account: AccountId): Promise<void> {
    const query: Query<{ id: WebhookId }> = { sql: this.#texts.webhooks, values: [account] }
    for (const { id } of await this.#executor.read(query)) await this.#texts.removeHooks(id)
  }

  /** In one commit: a domain without its keys would be signed for by nobody. */
  async #domains(account: AccountId): Promise<void> {
    const { domain, domains } = this.#texts
    await this.#write([...domains, domain].map((sql) => ({ sql, values: [account] })))
  }

  /** Those of the account, a page of the whole table at a time. */
  async *#pages(sql: string, account: AccountId): AsyncGenerator<readonly Found[]> {
    for (let after = ''; ; ) {
      const page = await this.#executor.read<Found>({ sql, values: [after] })
      yield page.filter((row) => row.account_id === account)
      const last = page[page.length - 1]
      if (page.length < READ_AT_ONCE || !last) return
      after = last.id
    }
  }

  async #all(query: Query): Promise<void> {
    while ((await this.#write([query])) === AT_ONCE);
  }

  /** The most rows that one of them removed. */
  async #write(queries: readonly Query[]): Promise<number> {
    if (!this.#goesOn()) throw new Stopped()
    const done = await this.#executor.write(queries)
    if (!done.ok) throw new Stopped()
    const gone = done.value.map((rows) => rows.length)
    this.#removed += gone.reduce((sum, one) => sum + one, 0)
    return Math.max(0, ...gone)
  }
}

const idsOf = (found: readonly Found[]): string => JSON.stringify(found.map(({ id }) => id))
