//
// Every list that goes in pages is read forwards by `after` and backwards by `before`, with one meaning everywhere.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { apiDocument } from '../../support/api-document.ts'
import { AUTHORIZED, type Lab, must, startLab } from '../../support/appliance.ts'
import { hook } from '../../support/hook.ts'
import { until } from '../../support/until.ts'

interface Page {
  readonly data: readonly Readonly<Record<string, unknown>>[]
  readonly has_more: boolean
  readonly next?: string | null
  readonly previous?: string | null
}

/** Of each list there are at least so many. */
const THINGS = 5

let lab: Lab
let operator: string
let program: ReturnType<typeof hook>

interface List {
  readonly path: string
  /** What of an entry is its mark; answers with `next` and `previous` say marks themselves. */
  readonly mark?: string
}

/** By the path in the document. */
const LISTS: Record<string, List> = {
  '/v1/accounts': { path: '/v1/accounts', mark: 'id' },
  '/v1/audit': { path: '/v1/audit', mark: 'id' },
  '/v1/domains': { path: '/v1/domains', mark: 'name' },
  '/v1/email': { path: '/v1/email', mark: 'message_id' },
  '/v1/email/{id}/events': { path: '' },
  '/v1/events': { path: '/v1/events' },
  '/v1/inbound': { path: '/v1/inbound', mark: 'id' },
  '/v1/keys': { path: '/v1/keys', mark: 'id' },
  '/v1/suppressions': { path: '/v1/suppressions' },
  '/v1/templates': { path: '/v1/templates', mark: 'id' },
  '/v1/templates/{id}/versions': { path: '/v1/templates/t0/versions', mark: 'version' },
  '/v1/webhooks/{id}/deliveries': { path: '' },
}
const NAMES = Object.keys(LISTS)
const listOf = (name: string): List => LISTS[name] ?? { path: '' }

const said = async (path: string, query: Readonly<Record<string, unknown>>) => {
  const words = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  const answer = await lab.fetch(`${path}?${words.join('&')}`, {
    headers: { authorization: `Bearer ${operator}` },
  })
  return { status: answer.status, body: (await answer.json()) as Page }
}

async function page(name: string, query: Readonly<Record<string, unknown>>): Promise<Page> {
  const { body, status } = await said(listOf(name).path, query)
  if (status !== 200) throw new Error(`${name} ${JSON.stringify(query)}: ${JSON.stringify(body)}`)
  return body
}

async function told(
  path: string,
  body: unknown,
  method = 'POST',
): Promise<Readonly<Record<string, unknown>>> {
  const headers = { ...AUTHORIZED, 'content-type': 'application/json' }
  const answer = await lab.fetch(path, { method, headers, body: JSON.stringify(body) })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`${path}: ${text}`)
  return JSON.parse(text) as Readonly<Record<string, unknown>>
}

/** Entries as they are compared: what time changes is left out. */
const nameOf = (list: List, entry: Readonly<Record<string, unknown>>): string =>
  String(list.mark ? entry[list.mark] : (entry['cursor'] ?? entry['address'] ?? entry['event_id']))

const markOf = (list: List, { data, next, previous }: Page, way: 'after' | 'before'): unknown => {
  if (!list.mark) return way === 'after' ? next : previous
  const entry = way === 'after' ? data.at(-1) : data[0]
  return entry?.[list.mark]
}

/** Page by page to the end, in the order of the list; and the page that was read last. */
async function walk(name: string, way: 'after' | 'before', from?: unknown) {
  const list = listOf(name)
  const names: string[][] = []
  let mark = from
  for (let pages = 0; pages < 40; pages++) {
    const last = await page(name, { limit: 2, ...(mark === undefined ? {} : { [way]: mark }) })
    const found = last.data.map((entry) => nameOf(list, entry))
    if (way === 'after') names.push(found)
    else names.unshift(found)
    if (!last.has_more) return { names: names.flat(), sizes: names.map((one) => one.length), last }
    mark = markOf(list, last, way)
  }
  throw new Error(`${name} has no end`)
}

beforeAll(async () => {
  program = hook()
  lab = await startLab({ config: { 'webhooks.allow': program.place } })
  const everything = ['all', 'operator'] as const
  const made = await lab.admin.keyCreate({ account: 'default', name: 'op', mode: 'live', scopes: everything })
  operator = must(made).key
  const { webhook } = await told('/v1/webhooks', { url: program.url, events: ['email.queued'] })
  let message = ''
  for (let at = 0; at < THINGS; at++) {
    must(await lab.admin.accountAdd({ name: `tenant-${at}`, plan: 'unlimited' }))
    await told('/v1/domains', { name: `d${at}.example` })
    await told('/v1/inbound', { pattern: `x${at}@d${at}.example`, action: 'webhook', target: program.url })
    await told('/v1/keys', { name: `k${at}` })
    await told('/v1/suppressions', { address: `s${at}@example.net` })
    await told('/v1/templates', { name: `t${at}`, subject: 'a', text: `b ${at}` })
    message = await lab.sent({ to: Array.from({ length: THINGS }, (_, one) => `r${one}@example.net`) })
    await lab.ended(message)
  }
  for (let at = 1; at < THINGS; at++) await told('/v1/templates/t0', { text: `again ${at}` }, 'PATCH')
  await lab.meanwhile(until('posts are made', () => program.got.length >= THINGS))
  LISTS['/v1/email/{id}/events'] = { path: `/v1/email/${message}/events` }
  LISTS['/v1/webhooks/{id}/deliveries'] = {
    path: `/v1/webhooks/${(webhook as { id: string }).id}/deliveries`,
  }
}, 60_000)
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await program[Symbol.asyncDispose]()
})

interface Documented {
  readonly name: string
  readonly parameters: Readonly<Record<string, { readonly maximum?: number }>>
}

const NONE: Documented = { name: '', parameters: {} }

/** Lists that take a limit; statistics take one for how many names they tell, and have no pages. */
async function documented(): Promise<readonly Documented[]> {
  const { paths } = await apiDocument()
  return Object.entries(paths).flatMap(([name, { get }]) => {
    const query = (get?.parameters ?? []).filter((one) => one.in === 'query')
    const parameters = Object.fromEntries(query.map((one) => [one.name, one.schema]))
    return 'limit' in parameters && name !== '/v1/stats' ? [{ name, parameters }] : []
  })
}

test('every list with pages is read both ways, and stands here', async () => {
  const all = await documented()
  expect(all.map(({ name }) => name).sort()).toEqual(NAMES.toSorted())
  const oneWay = all.filter(({ parameters }) => !('after' in parameters && 'before' in parameters))
  expect(oneWay.map(({ name }) => name)).toEqual([])
})

describe.each(NAMES)('%s', (name) => {
  test('forwards and backwards by two tell what one page tells', async () => {
    const whole = await page(name, { limit: 100 })
    const list = listOf(name)
    const names = whole.data.map((entry) => nameOf(list, entry))
    expect([names.length >= THINGS, whole.has_more]).toEqual([true, false])
    const forwards = await walk(name, 'after')
    expect(forwards.names).toEqual(names)
    expect(forwards.sizes.slice(0, -1).every((size) => size === 2)).toBe(true)
    const backwards = await walk(name, 'before', markOf(list, forwards.last, 'before'))
    expect(backwards.names).toEqual(names.slice(0, -(forwards.sizes.at(-1) ?? 0)))
    // The page in front of one is next to it, and leads back to it.
    const second = await page(name, {
      limit: 2,
      after: markOf(list, await page(name, { limit: 2 }), 'after'),
    })
    const first = await page(name, { limit: 2, before: markOf(list, second, 'before') })
    expect(first.data.map((entry) => nameOf(list, entry))).toEqual(names.slice(0, 2))
    const again = await page(name, { limit: 2, after: markOf(list, first, 'after') })
    expect(again.data).toEqual(second.data)
  })

  test('takes limits from 1 to its most, and refuses others, both marks, and no marks', async () => {
    const { parameters } = (await documented()).find((one) => one.name === name) ?? NONE
    const most = parameters['limit']?.maximum ?? 0
    const { path } = listOf(name)
    const of = async (query: Readonly<Record<string, unknown>>) => (await said(path, query)).status
    expect(await Promise.all([1, most].map((limit) => of({ limit })))).toEqual([200, 200])
    const wrong = [0, -1, 1.5, most + 1, 'ten', '', '1e1', Number.MAX_SAFE_INTEGER]
    expect(await Promise.all(wrong.map((limit) => of({ limit })))).toEqual(wrong.map(() => 422))
    const mark = markOf(listOf(name), await page(name, { limit: 1 }), 'after')
    expect(await of({ after: mark, before: mark })).toBe(422)
    for (const nonsense of ['', ' ', '\0', '%', 'x'.repeat(4000), '../..', "' OR 1=1"]) {
      expect([nonsense, (await of({ after: nonsense })) < 500]).toEqual([nonsense, true])
    }
  })
})
