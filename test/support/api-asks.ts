//
// Owns: requests to an operation, made of the OpenAPI document alone: right, wrong and hostile ones; and what was made by
// them, so that further ones find it.

import fc from 'fast-check'
import type { ApiDocumentJson, SchemaJson } from './api-document.ts'
import { type Ask, bodyOf, type Probe, parametersIn, type Told } from './api-prober.ts'
import { Values } from './schema-values.ts'

/** Right by themselves, and refused for what stands beside them or in the store: operation and field. */
const TOGETHER: readonly RegExp[] = [
  /^GET \S+ before: does not go with after/,
  /^GET \/v1\/stats limit: goes with the names of a dimension/,
  /^PATCH \/v1\/inbound\/\{id\} state: can be closed of a webhook alone/,
  // A webhook's format has words for some events alone.
  /^(?:POST \/v1\/webhooks|PATCH \/v1\/webhooks\/\{id\}) events\[\d+\]: is none of/,
]

export class ApiAsks {
  readonly #values: Values
  /** Of what was made in this account: things by the path of their list. */
  readonly #made = new Map<string, Readonly<Record<string, unknown>>[]>()

  /** Of a list. */
  forget(list: string): void {
    this.#made.delete(list)
  }

  constructor({ components }: ApiDocumentJson) {
    this.#values = new Values(components.schemas as Readonly<Record<string, SchemaJson>>)
  }

  right(probe: Probe): fc.Arbitrary<Ask> {
    const body = bodyOf(probe)
    const parameters = parametersIn(probe, 'query')
    const said = (of: typeof parameters) =>
      fc.record(
        Object.fromEntries(of.map(({ name, schema }) => [name, this.#values.right(schema).map(inQuery)])),
        { requiredKeys: of.flatMap(({ name, required }) => (required ? [name] : [])) },
      )
    // One at a time says most of what is refused.
    const single = parameters.map((one) => said(parameters.filter((each) => each === one || each.required)))
    const query = fc.oneof(
      said(parameters.filter(({ required }) => required)),
      said(parameters),
      ...single,
      ...single,
    )
    const params = fc.nat({ max: 50 }).map((at) => this.paramsOf(probe, at))
    if (body === null) return fc.record({ params, query }) as fc.Arbitrary<Ask>
    const generated = this.#values.right(body.schema)
    // One field of another kind at a time says most of what is refused.
    const near = fc.tuple(generated, fc.nat()).map(([made, at]) => mixed(body.example, made, at))
    return fc
      .record({ params, query, value: fc.oneof(fc.constant(body.example), near, near, generated) })
      .map(({ params: of, query: asked, value }) => ({
        params: of,
        query: asked,
        body: JSON.stringify(value),
      })) as fc.Arbitrary<Ask>
  }

  wrongBodies(probe: Probe): readonly (readonly [string, Ask])[] {
    const body = bodyOf(probe)
    if (body === null) return []
    return this.#values
      .wrong(body.schema, body.example)
      .map(([what, value]) => [what, { body: JSON.stringify(value) }] as const)
  }

  wrongQueries(probe: Probe): readonly (readonly [string, Ask])[] {
    const example = bodyOf(probe)?.example
    const sent = example === undefined ? {} : { body: JSON.stringify(example) }
    const parameters = parametersIn(probe, 'query')
    if (parameters.length === 0) return []
    const wrong = parameters.flatMap(({ name, schema }) =>
      this.#values
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

  /** Refused for their form although the schema leaves nothing open. */
  refusedThoughRight(probe: Probe, told: Told): readonly string[] {
    if (told.code !== 'validation_failed') return []
    return told.fields.flatMap(({ message, path }) => {
      const schema = this.#schemaAt(probe, path)
      if (schema === null || !this.#values.isExact(schema)) return []
      const said = `${probe.name} ${path}: ${message}`
      return TOGETHER.some((known) => known.test(said)) ? [] : [`refused though right: ${path} ${message}`]
    })
  }

  remember(probe: Probe, { body, status }: Told): void {
    if (status !== 200 || !isObject(body)) return
    const list = probe.path.replace(/\/\{.*$/, '').replace(/\/(?:send|batch|bulk|raw)$/, '')
    const things = Array.isArray(body['data']) ? body['data'] : [body, ...Object.values(body)]
    const known = this.#made.get(list) ?? []
    for (const thing of things) if (isObject(thing) && known.length < 40) known.push(thing)
    this.#made.set(list, known)
  }

  /** Parts of the path by the names that things have in lists. */
  thingsOf(probe: Probe): readonly Readonly<Record<string, string>>[] {
    const list = probe.path.replace(/\/\{.*$/, '')
    const names = parametersIn(probe, 'path').map(({ name }) => name)
    const [first = ''] = names
    const noun = list.slice(list.lastIndexOf('/') + 1).replace(/s$/, '')
    return (this.#made.get(list) ?? []).flatMap((thing) => {
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

  paramsOf(probe: Probe, at = 0): Readonly<Record<string, string>> {
    const things = this.thingsOf(probe)
    const usual = Object.fromEntries(
      parametersIn(probe, 'path').map(({ name, schema }) => [
        name,
        String((schema['examples'] as unknown[] | undefined)?.[0] ?? 'x'),
      ]),
    )
    return things[at % Math.max(1, things.length)] ?? usual
  }

  #schemaAt(probe: Probe, path: string): SchemaJson | null {
    const parameter = parametersIn(probe, 'query').find(({ name }) => name === path)
    if (parameter !== undefined) return parameter.schema
    let at: SchemaJson | null = bodyOf(probe)?.schema ?? null
    for (const part of path.split(/\.|\[(?=\d)/)) {
      if (at === null) return null
      const one = this.#values.read(at)
      const inner: unknown = /^\d+\]$/.test(part)
        ? one['items']
        : (one['properties'] as SchemaJson | undefined)?.[part]
      at = isObject(inner) ? inner : null
    }
    return at
  }
}

function mixed(example: unknown, made: unknown, at: number): unknown {
  if (!isObject(example) || !isObject(made)) return made
  const names = Object.keys(made)
  const name = names[at % Math.max(1, names.length)]
  return name === undefined ? example : { ...example, [name]: made[name] }
}

const inQuery = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value))

export const PLACES = ['%00', '%ff', '%F0%9F%A6%84', 'a'.repeat(3000), '%2e%2e', '-1', '1e9', 'null', '%']
const JSON_TYPE = { 'content-type': 'application/json' }
export const hostileBodies = (): readonly (readonly [
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
  ['packed', Bun.gzipSync('{}'), { ...JSON_TYPE, 'content-encoding': 'gzip' }],
  ['packed, and not said so', Bun.gzipSync('{}')],
  ['a form', 'from=a%40b.example&to=c', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['parts', '--x\r\n\r\n{}\r\n--x--', { 'content-type': 'multipart/form-data; boundary=x' }],
  ['a message', 'From: a@b.example\r\n\r\nx', { 'content-type': 'message/rfc822' }],
  [
    'UTF-16',
    new Uint8Array(Buffer.from('\ufeff{}', 'utf16le')),
    { 'content-type': 'application/json; charset=utf-16' },
  ],
  ['two documents', '{}{}'],
  ['a comment', '{/* */}'],
  ['a key twice', '{"zzz":1,"zzz":2}'],
  ['many spaces', `{${' '.repeat(1 << 20)}`],
  ['a wide number', `{"zzz":${'9'.repeat(5000)}}`],
]

/** What is right but for one thing that JSON leaves open: a name that is there twice, half a letter. */
export function exampleTwice(
  example: unknown,
): readonly (readonly [string, string, Record<string, string>?])[] {
  const [name] = isObject(example) ? Object.keys(example) : []
  if (name === undefined) return []
  const text = JSON.stringify(example)
  return [
    // Which one counts RFC 8259 leaves open; here the last one.
    ['a key twice, as it should be at last', text.replace('{', () => `{${JSON.stringify(name)}:null,`)],
    [
      'an example with half a letter',
      text.replace(/^\{"\w+":("[^"]*"|[^,}]*)/, () => `{${JSON.stringify(name)}:"\\ud800"`),
    ],
    ['an example with __proto__', text.replace('{', '{"__proto__":{"a":1},')],
  ]
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
