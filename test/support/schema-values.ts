//
// Owns: values by the schemas of the OpenAPI document: those that are right, and those that are wrong in one place.

import fc from 'fast-check'
import type { SchemaJson } from './api-document.ts'

type Schemas = Readonly<Record<string, SchemaJson>>

/** Letters of all kinds, such as people and programs send: none of them is half a letter. */
export const TEXTS = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.toWellFormed()),
  fc.constantFrom(
    '',
    ' ',
    'a\0b',
    '\r\nBcc: x@y.z',
    '{{',
    '{% x',
    "'; --",
    '../..',
    '%00',
    '\ufeff',
    '🦄',
    'é'.normalize('NFD'),
  ),
)

export class Values {
  readonly #schemas: Schemas

  constructor(schemas: Schemas) {
    this.#schemas = schemas
  }

  /** What the schema takes; no more is promised. */
  right(schema: SchemaJson, depth = 0): fc.Arbitrary<unknown> {
    const one = this.read(schema)
    if (Array.isArray(one['enum'])) return fc.constantFrom(...(one['enum'] as unknown[]))
    if ('const' in one) return fc.constant(one['const'])
    const any = alternatives(one)
    if (any !== null) return fc.oneof(...any.map((inner) => this.right(inner, depth + 1)))
    switch (one['type']) {
      case 'string':
        return text(one)
      case 'integer':
        return fc.integer({ min: number(one['minimum'], -1000), max: number(one['maximum'], 1_000_000) })
      case 'number':
        return fc.double({ min: number(one['minimum'], -1e6), max: number(one['maximum'], 1e6), noNaN: true })
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      case 'array': {
        const least = number(one['minItems'], 0)
        const most = Math.min(number(one['maxItems'], 3), least + 3)
        return fc.array(this.right((one['items'] ?? {}) as SchemaJson, depth + 1), {
          minLength: least,
          maxLength: most,
        })
      }
      case 'object':
        return this.#object(one, depth)
      default:
        return fc.oneof(TEXTS, fc.integer(), fc.boolean(), fc.constant(null))
    }
  }

  /** The named one, where it is named. */
  read(schema: SchemaJson): SchemaJson {
    const ref = schema['$ref']
    if (typeof ref !== 'string') return schema
    return this.#schemas[ref.slice(ref.lastIndexOf('/') + 1)] ?? {}
  }

  /** Whether everything that the schema takes is right by itself: nothing beside the schema is asked of it. */
  isExact(schema: SchemaJson): boolean {
    const one = this.read(schema)
    const any = alternatives(one)
    if (any !== null) return any.every((inner) => this.isExact(inner))
    if ('enum' in one || 'const' in one || 'pattern' in one) return true
    return /^(?:integer|number|boolean|null)$/.test(String(one['type']))
  }

  #object(one: SchemaJson, depth: number): fc.Arbitrary<unknown> {
    const required = (one['required'] ?? []) as readonly string[]
    const fields = Object.entries((one['properties'] ?? {}) as Schemas).filter(
      ([name]) => depth < 4 || required.includes(name),
    )
    const record = fc.record(
      Object.fromEntries(fields.map(([name, schema]) => [name, this.right(schema, depth + 1)])),
      { requiredKeys: [...required] },
    )
    const more = one['additionalProperties']
    if (typeof more !== 'object' || more === null || fields.length > 0) return record
    return fc.dictionary(
      fc.string({ minLength: 1, maxLength: 10 }),
      this.right(more as SchemaJson, depth + 1),
      {
        maxKeys: 3,
        noNullPrototype: true,
      },
    )
  }

  /** Each with one thing in it that the schema forbids, and its name. */
  wrong(schema: SchemaJson, base: unknown, depth = 0): readonly (readonly [what: string, value: unknown])[] {
    const one = this.read(schema)
    const found: (readonly [string, unknown])[] = [
      ['a list for an object', [base]],
      ['null for an object', null],
      ['a text for an object', 'x'],
    ]
    if (one['type'] !== 'object' || typeof base !== 'object' || base === null) return found
    const object = base as Readonly<Record<string, unknown>>
    if (one['additionalProperties'] === false) found.push(['an unknown field', { ...object, zzz_unknown: 1 }])
    for (const name of (one['required'] ?? []) as readonly string[]) {
      const { [name]: _, ...rest } = object
      found.push([`no ${name}`, rest])
    }
    for (const [name, inner] of Object.entries((one['properties'] ?? {}) as Schemas)) {
      for (const [what, value] of [...this.wrongValues(inner), ...this.#wrongInside(inner, depth)])
        found.push([`${name}: ${what}`, { ...object, [name]: value }])
    }
    return found
  }

  /** Things in things: the fields of attachments, the messages of a batch. */
  #wrongInside(schema: SchemaJson, depth: number): readonly (readonly [string, unknown])[] {
    const one = this.read(schema)
    const items = one['items']
    const object = this.read((items ?? one) as SchemaJson)
    if (depth > 1 || object['type'] !== 'object' || object['properties'] === undefined) return []
    const [base] = fc.sample(this.right(object, 3), { numRuns: 1, seed: 3 })
    return this.wrong(object, base, depth + 1).map(([what, value]) => [
      `within: ${what}`,
      items === undefined ? value : [value],
    ])
  }

  wrongValues(schema: SchemaJson): readonly (readonly [what: string, value: unknown])[] {
    const one = this.read(schema)
    const found: (readonly [string, unknown])[] = []
    for (const [what, value] of WRONG) if (!this.takes(one, value)) found.push([what, value])
    if (typeof one['maxLength'] === 'number' && one['maxLength'] <= 20_000 && one['type'] === 'string') {
      found.push(['too long', 'a'.repeat(one['maxLength'] + 1)])
    }
    if (typeof one['minLength'] === 'number' && one['minLength'] > 0) found.push(['too short', ''])
    if (typeof one['minimum'] === 'number') found.push(['too small', one['minimum'] - 1])
    if (typeof one['maximum'] === 'number') found.push(['too large', one['maximum'] + 1])
    if (Array.isArray(one['enum'])) found.push(['none of the words', 'zzz'])
    if (typeof one['pattern'] === 'string' && !new RegExp(one['pattern'], 'u').test('\n!'))
      found.push(['another pattern', '\n!'])
    const { items, maxItems, minItems } = one
    if (typeof minItems === 'number' && minItems > 0) found.push(['too few', []])
    if (typeof maxItems === 'number' && maxItems <= 1000 && items !== undefined) {
      const [filler] = fc.sample(this.right(items as SchemaJson), { numRuns: 1, seed: 1 })
      found.push(['too many', Array.from({ length: maxItems + 1 }, () => filler)])
    }
    return found
  }

  /** Only by its type: enough to tell what is wrong for certain. */
  takes(schema: SchemaJson, value: unknown): boolean {
    const one = this.read(schema)
    const any = alternatives(one)
    if (any !== null) return any.some((inner) => this.takes(inner, value))
    if ('const' in one) return one['const'] === value
    if (Array.isArray(one['enum'])) return one['enum'].includes(value)
    switch (one['type']) {
      case undefined:
        return true
      case 'integer':
        return Number.isInteger(value)
      case 'array':
        return Array.isArray(value)
      case 'null':
        return value === null
      case 'object':
        return typeof value === 'object' && value !== null && !Array.isArray(value)
      default:
        return typeof value === one['type']
    }
  }
}

const WRONG: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a number', 7],
  ['a fraction', 1.5],
  ['a text', 'zzz'],
  ['true', true],
  ['a list', [[]]],
  ['an object', { zzz: 1 }],
  ['a huge number', 1e300],
]

function alternatives({ anyOf, oneOf }: SchemaJson): readonly SchemaJson[] | null {
  const any = anyOf ?? oneOf
  return Array.isArray(any) ? (any as SchemaJson[]) : null
}

function text({ examples, maxLength, minLength, pattern }: SchemaJson): fc.Arbitrary<string> {
  if (typeof pattern === 'string') {
    const found = fc.stringMatching(new RegExp(pattern, 'u'))
    const fits = (value: string) =>
      value.length <= number(maxLength, 1e9) && value.length >= number(minLength, 0)
    return found.filter((value) => fits(value) && value.isWellFormed())
  }
  const free = TEXTS.map((value) =>
    value.slice(0, number(maxLength, 1e9)).toWellFormed().padEnd(number(minLength, 0), 'x'),
  )
  if (!Array.isArray(examples) || examples.length === 0) return free
  return fc.oneof(
    { arbitrary: fc.constantFrom(...(examples as string[])), weight: 3 },
    { arbitrary: free, weight: 1 },
  )
}

const number = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise)
