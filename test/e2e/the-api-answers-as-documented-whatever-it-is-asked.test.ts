//
// Every operation of the OpenAPI document, tried by the document alone: what it calls right is not refused for its form,
// what it calls wrong is refused, and whatever is asked gets a documented answer. New routes are tried as they come.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { apiDocument, type SchemaJson } from '../support/api-document.ts'
import {
  type Ask,
  bodyOf,
  type Probe,
  Prober,
  parametersIn,
  probesOf,
  type Told,
} from '../support/api-prober.ts'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { TEXTS, Values } from '../support/schema-values.ts'

const RUNS = 25
const document = await apiDocument()
const probes = probesOf(document)
const values = new Values(document.components.schemas as Readonly<Record<string, SchemaJson>>)
const prober = new Prober(document)

/** Right by themselves, and refused for what stands beside them or in the store: operation and field. */
const TOGETHER: readonly RegExp[] = []

let lab: Lab
let theirs = ''
/** Of what was made in this account: paths of things by the path of their list. */
const made = new Map<string, Readonly<Record<string, unknown>>[]>()

beforeAll(async () => {
  lab = await startLab({ config: { 'webhooks.allow': '' } })
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  theirs = await freshKey('other')
  for (const to of ['rcpt@example.net', 'bounce-hard@sandbox.mailwok.test', 'defer@sandbox.mailwok.test']) {
    await lab.sent({ to })
  }
  for (const probe of probes.filter(({ method, path }) => method === 'POST' && !path.includes('{'))) {
    const example = bodyOf(probe)?.example
    if (example !== undefined) remember(probe, await tell(probe, { body: JSON.stringify(example) }))
  }
  for (const probe of probes.filter(({ method, path }) => method === 'GET' && !path.includes('{'))) {
    remember(probe, await tell(probe, {}))
  }
})
afterAll(() => lab[Symbol.asyncDispose]())

describe.each(probes.map((probe) => [probe.name, probe] as const))('%s', (_, probe) => {
  const isOpen = probe.operation.security?.length === 0
  const body = bodyOf(probe)

  test('takes what is right', async () => {
    const faults = new Set<string>()
    await fc.assert(
      fc.asyncProperty(rightAsks(probe), async (ask) => {
        const told = await tell(probe, ask)
        remember(probe, told)
        for (const fault of [...told.faults, ...refusedThoughRight(probe, told)])
          faults.add(`${fault} ← ${show(ask)}`)
      }),
      { numRuns: RUNS, seed: 1 },
    )
    expect([...faults].slice(0, 5)).toEqual([])
  })

  test('refuses what is wrong', async () => {
    const wrong = [...wrongBodies(probe), ...wrongQueries(probe)]
    const faults: string[] = []
    for (const [what, ask] of wrong) {
      const told = await tell(probe, { params: paramsOf(probe), ...ask })
      const taken = told.status < 400 ? [`taken: ${what}`] : []
      faults.push(...[...told.faults, ...taken].map((fault) => `${what}: ${fault}`))
    }
    expect(faults.slice(0, 8)).toEqual([])
  })

  test('answers whoever is hostile', async () => {
    const faults: string[] = []
    const odd = fc.sample(TEXTS, { numRuns: 20, seed: 7 })
    for (const text of odd) {
      const params = Object.fromEntries(
        parametersIn(probe, 'path').map(({ name }) => [
          name,
          encodeURIComponent(text).replace(/^\.\.?$/, 'x') || '%20',
        ]),
      )
      const query = Object.fromEntries(parametersIn(probe, 'query').map(({ name }) => [name, text]))
      const headers = {
        'idempotency-key': latin(text),
        'last-event-id': latin(text),
        accept: latin(text),
        range: 'bytes=0-',
      }
      const sent = body?.example === undefined ? {} : { body: JSON.stringify(body.example) }
      const told = await tell(probe, { params: { ...paramsOf(probe), ...params }, query, headers, ...sent })
      faults.push(...told.faults.map((fault) => `${JSON.stringify(text)}: ${fault}`))
    }
    if (body !== null) {
      for (const [what, sent, headers] of hostileBodies()) {
        const told = await tell(probe, {
          params: paramsOf(probe),
          body: sent,
          ...(headers ? { headers } : {}),
        })
        faults.push(...told.faults.map((fault) => `${what}: ${fault}`))
        if (told.status < 400 && body.schema['required'] !== undefined) faults.push(`${what}: taken`)
      }
    }
    expect(faults.slice(0, 8)).toEqual([])
  })

  test.skipIf(!probe.path.includes('{'))('answers whatever stands in its path', async () => {
    const faults: string[] = []
    for (const value of PLACES) {
      const params = Object.fromEntries(parametersIn(probe, 'path').map(({ name }) => [name, value]))
      const sent = body?.example === undefined ? {} : { body: JSON.stringify(body.example) }
      const told = await tell(probe, { params, ...sent })
      faults.push(...told.faults.map((fault) => `${value.slice(0, 60)}: ${fault}`))
    }
    expect(faults.slice(0, 8)).toEqual([])
  })

  test.skipIf(isOpen)('knows nobody without a key', async () => {
    for (const authorization of ['', 'Bearer', 'Basic bWFpbDp3b2s=', 'Bearer \u00e9']) {
      const told = await prober.ask(lab, probe, { params: paramsOf(probe), headers: { authorization } })
      expect([told.status, told.code, told.faults]).toEqual([401, 'unauthorized', []])
    }
  })

  test.skipIf(!probe.path.includes('{'))('shows nothing of another account', async () => {
    const faults: string[] = []
    const things = thingsOf(probe).slice(0, 5)
    for (const params of things.length === 0 ? [] : things) {
      const sent = body?.example === undefined ? {} : { body: JSON.stringify(body.example) }
      const headers = {
        authorization: `Bearer ${theirs}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      }
      const told = await prober.ask(lab, probe, { params, headers, ...sent })
      if (told.status < 400) faults.push(`${JSON.stringify(params)}: ${told.status}`)
      faults.push(...told.faults)
    }
    expect(faults).toEqual([])
  })
})

// ── Asking ──────────────────────────────────────────────────────────────────────────────────────

let mine = ''
let keys = 0

async function freshKey(account: string): Promise<string> {
  keys += 1
  return must(await lab.admin.keyCreate({ account, name: `probe-${keys}`, mode: 'live' })).key
}

/** With a key that works: what removes keys has removed ours. */
async function tell(probe: Probe, ask: Ask): Promise<Told> {
  if (mine === '') mine = await freshKey('default')
  const told = await prober.ask(lab, probe, {
    ...ask,
    headers: {
      authorization: `Bearer ${mine}`,
      ...(ask.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...ask.headers,
    },
  })
  if (told.status !== 401 || ask.headers?.['authorization'] !== undefined) return told
  mine = await freshKey('default')
  return tell(probe, { ...ask, headers: { ...ask.headers, authorization: `Bearer ${mine}` } })
}

function rightAsks(probe: Probe): fc.Arbitrary<Ask> {
  const body = bodyOf(probe)
  const query = fc.record(
    Object.fromEntries(
      parametersIn(probe, 'query').map(({ name, schema }) => [name, values.right(schema).map(inQuery)]),
    ),
    { requiredKeys: parametersIn(probe, 'query').flatMap(({ name, required }) => (required ? [name] : [])) },
  )
  const params = fc.nat({ max: 50 }).map((at) => paramsOf(probe, at))
  if (body === null) return fc.record({ params, query }) as fc.Arbitrary<Ask>
  const generated = values.right(body.schema)
  // One field of another kind at a time says most of what is refused.
  const near = fc.tuple(generated, fc.nat()).map(([made, at]) => mixed(body.example, made, at))
  return fc
    .record({ params, query, value: fc.oneof(near, near, generated) })
    .map(({ params: of, query: asked, value }) => ({
      params: of,
      query: asked,
      body: JSON.stringify(value),
    })) as fc.Arbitrary<Ask>
}

function mixed(example: unknown, made: unknown, at: number): unknown {
  if (!isObject(example) || !isObject(made)) return made
  const names = Object.keys(made)
  const name = names[at % Math.max(1, names.length)]
  return name === undefined ? example : { ...example, [name]: made[name] }
}

/** Refused for their form although the schema leaves nothing open. */
function refusedThoughRight(probe: Probe, told: Told): readonly string[] {
  if (told.code !== 'validation_failed') return []
  return told.fields.flatMap(({ message, path }) => {
    const schema = schemaAt(probe, path)
    if (schema === null || !values.isExact(schema)) return []
    const said = `${probe.name} ${path}: ${message}`
    return TOGETHER.some((known) => known.test(said)) ? [] : [`refused though right: ${path} ${message}`]
  })
}

function schemaAt(probe: Probe, path: string): SchemaJson | null {
  const parameter = parametersIn(probe, 'query').find(({ name }) => name === path)
  if (parameter !== undefined) return parameter.schema
  let at: SchemaJson | null = bodyOf(probe)?.schema ?? null
  for (const part of path.split(/\.|\[(?=\d)/)) {
    if (at === null) return null
    const one = values.read(at)
    const inner: unknown = /^\d+\]$/.test(part)
      ? one['items']
      : (one['properties'] as SchemaJson | undefined)?.[part]
    at = isObject(inner) ? inner : null
  }
  return at
}

const inQuery = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value))

function wrongBodies(probe: Probe): readonly (readonly [string, Ask])[] {
  const body = bodyOf(probe)
  if (body === null) return []
  return values
    .wrong(body.schema, body.example)
    .map(([what, value]) => [what, { body: JSON.stringify(value) }] as const)
}

function wrongQueries(probe: Probe): readonly (readonly [string, Ask])[] {
  const example = bodyOf(probe)?.example
  const sent = example === undefined ? {} : { body: JSON.stringify(example) }
  const parameters = parametersIn(probe, 'query')
  if (parameters.length === 0) return []
  const wrong = parameters.flatMap(({ name, schema }) =>
    values
      .wrongValues(schema)
      .filter(
        ([, value]) =>
          !/^(?:string|array)$/.test(String(schema['type'])) || 'enum' in schema || String(value) !== value,
      )
      .filter(([, value]) => !isObject(value) && schema['type'] !== 'string')
      .map(([what, value]) => [`${name}: ${what}`, { query: { [name]: String(value) }, ...sent }] as const),
  )
  return [['an unknown parameter', { query: { zzz_unknown: '1' }, ...sent }], ...wrong]
}

const PLACES = ['%00', '%ff', '%F0%9F%A6%84', 'a'.repeat(3000), '%2e%2e', '-1', '1e9', 'null', '%']
const JSON_TYPE = { 'content-type': 'application/json' }
const hostileBodies = (): readonly (readonly [
  string,
  string | Uint8Array<ArrayBuffer>,
  Record<string, string>?,
])[] => [
  ['nothing', ''],
  ['half', '{"a":'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a text', '"x"'],
  ['a number', '1e999'],
  ['deep lists', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  ['deep objects', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`],
  ['no UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['NUL', '\0\0\0'],
  ['half a letter', '{"zzz":"\\ud800"}'],
  ['a prototype', '{"__proto__":{"admin":true},"constructor":{"prototype":{}}}'],
  ['plain text', '{}', { 'content-type': 'text/plain' }],
  ['no type', '{}', { 'content-type': '' }],
  ['said to be packed', '{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }],
  ['a wide number', `{"zzz":${'9'.repeat(5000)}}`],
]

// ── What was made ───────────────────────────────────────────────────────────────────────────────

function remember(probe: Probe, { body, status }: Told): void {
  if (status !== 200 || !isObject(body)) return
  const list = probe.path.replace(/\/\{.*$/, '').replace(/\/(?:send|batch|bulk|raw)$/, '')
  const things = Array.isArray(body['data']) ? body['data'] : [body, ...Object.values(body)]
  const known = made.get(list) ?? []
  for (const thing of things) if (isObject(thing) && known.length < 40) known.push(thing)
  made.set(list, known)
}

/** Parts of the path by the names that things have in lists. */
function thingsOf(probe: Probe): readonly Readonly<Record<string, string>>[] {
  const list = probe.path.replace(/\/\{.*$/, '')
  const names = parametersIn(probe, 'path').map(({ name }) => name)
  const [first = ''] = names
  const noun = list.slice(list.lastIndexOf('/') + 1).replace(/s$/, '')
  return (made.get(list) ?? []).flatMap((thing) => {
    const id =
      thing[first] ??
      thing['id'] ??
      thing[`${noun}_id`] ??
      thing['message_id'] ??
      thing['name'] ??
      thing['address']
    if (typeof id !== 'string') return []
    return [
      Object.fromEntries(
        names.map((name, at) => [name, encodeURIComponent(at === 0 ? id : String(thing[name] ?? '1'))]),
      ),
    ]
  })
}

function paramsOf(probe: Probe, at = 0): Readonly<Record<string, string>> {
  const things = thingsOf(probe)
  const usual = Object.fromEntries(
    parametersIn(probe, 'path').map(({ name, schema }) => [
      name,
      String((schema['examples'] as unknown[] | undefined)?.[0] ?? 'x'),
    ]),
  )
  return things[at % Math.max(1, things.length)] ?? usual
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const latin = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').trim()

const show = (ask: Ask): string =>
  JSON.stringify({ ...ask, body: String(ask.body ?? '').slice(0, 400) }).slice(0, 700)
