//
// Whoever is deleted is gone: no row of any table names him, nobody opens anything with his keys, mail of others goes on.

import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import { PURGED_OTHERWISE, PURGED_TABLES } from '../../src/store/directory/purge.ts'
import { AUTHORIZED, type Lab, must, startLab } from '../support/appliance.ts'
import { until } from '../support/until.ts'

let lab: Lab
let secret: string
let id: string
beforeAll(async () => {
  lab = await startLab({
    mx: {
      at: (moment, { line }) =>
        moment === 'RCPT' && line.includes('later@') ? '450 4.2.0 later' : undefined,
    },
    config: { 'webhooks.allow': '127.0.0.1:9' },
  })
  id = must(await lab.admin.accountAdd({ name: 'shop', plan: 'unlimited' })).id
  secret = must(await lab.admin.keyCreate({ account: 'shop', name: 'k', mode: 'live' })).key
  must(await lab.admin.domainAdd({ name: 'shop.example', account: 'shop' }))
})
afterAll(() => lab[Symbol.asyncDispose]())

async function call(method: string, path: string, body?: unknown) {
  const answer = await lab.fetch(`/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as { readonly message_id: string } }
}

const letter = { from: 'a@shop.example', subject: 'Hi', text: 'Hi' }

/** Rows of the account in each table that can have any. */
function rows(): Readonly<Record<string, number>> {
  const db = new Database(join(lab.folder, 'data', 'mailwok.db'), { readonly: true })
  try {
    const found = db
      .query<{ name: string }, []>(
        `SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
          WHERE m.type = 'table' AND c.name = 'account_id'`,
      )
      .all()
    return Object.fromEntries(
      found.map(({ name }) => [
        name,
        db.query<{ n: number }, [string]>(`SELECT count(*) AS n FROM ${name} WHERE account_id = ?`).get(id)
          ?.n ?? 0,
      ]),
    )
  } finally {
    db.close()
  }
}

/** But for lines in which nobody waits: retention takes those, whoever's they are. */
const there = (): readonly string[] =>
  Object.entries(rows()).flatMap(([name, count]) => (count > 0 && name !== 'lines' ? [name] : []))

test('every table with an account is one that deletion knows', () => {
  const known = new Set([...Object.keys(PURGED_TABLES), ...PURGED_OTHERWISE])
  expect(Object.keys(rows()).filter((table) => !known.has(table))).toEqual([])
})

test('it leaves nothing behind, and nothing of others is touched', async () => {
  const theirs = await lab.sent({ to: 'rcpt@example.net', subject: 'Theirs' })
  for (const to of [
    'delivered@sandbox.mailwok.test',
    'bounce-hard@sandbox.mailwok.test',
    'later@example.net',
  ]) {
    const sent = await call('POST', '/email/send', { ...letter, to })
    expect(sent.status).toBe(200)
  }
  await call('POST', '/suppressions', { address: 'gone@example.net' })
  await call('POST', '/webhooks', { url: 'https://shop.example/hook', events: ['email.queued'] })
  await call('POST', '/templates', { name: 'welcome', subject: 'Hi', text: 'Hi {{name}}' })
  await call('POST', '/email/send', { ...letter, to: 'rcpt@example.net', stream: 'marketing' })
  const waiting = (await call('POST', '/email/send', { ...letter, to: 'later@example.net' })).body.message_id
  const attempts = async () =>
    JSON.stringify((await call('GET', `/email/${waiting}`)).body).includes('"number":1')
  await until('one waits for its second try', attempts)
  await lab.ended(theirs)
  expect(there()).toEqual(expect.arrayContaining(['messages', 'deliveries', 'events', 'webhooks', 'domains']))

  must(await lab.admin.accountRemove({ account: 'shop', confirm: 'shop' }))
  expect((await lab.meanwhile(call('GET', '/account'))).status).toBe(401)
  for (let i = 0; i < 16 && there().length > 0; i++) await lab.advance(6 * SECOND)
  await until('it is gone', async () => {
    await lab.advance(6 * SECOND)
    return !must(await lab.admin.accountList({})).some(({ name }) => name === 'shop')
  })
  expect(there()).toEqual([])
  expect((await lab.message(theirs)).status).toBe('delivered')
  expect(must(await lab.admin.keyList({ account: 'default' })).length).toBeGreaterThan(0)
  const again = await lab.fetch('/v1/domains', { headers: AUTHORIZED })
  expect(JSON.stringify(await again.json())).not.toContain('shop.example')
  // Its name and its domain can be somebody's again.
  must(await lab.admin.accountAdd({ name: 'shop', plan: 'free' }))
  must(await lab.admin.domainAdd({ name: 'shop.example', account: 'shop' }))
}, 60_000)

test('a stop in the middle costs nothing', async () => {
  const made = must(await lab.admin.accountAdd({ name: 'half', plan: 'unlimited' }))
  secret = must(await lab.admin.keyCreate({ account: 'half', name: 'k', mode: 'test' })).key
  id = made.id
  for (let i = 0; i < 20; i++) await call('POST', '/email/send', { ...letter, to: 'a@example.net' })
  must(await lab.admin.accountRemove({ account: 'half', confirm: 'half' }))
  await lab.stop()
  await lab.start()
  expect(must(await lab.admin.accountShow({ account: 'half' })).state).toBe('deleting')
  await until('it is gone', async () => {
    await lab.advance(MINUTE / 4)
    return !must(await lab.admin.accountList({})).some(({ name }) => name === 'half')
  })
  expect(there()).toEqual([])
}, 60_000)
