//
// Owns: schemas as people read them: fields with type, bounds and meaning; and a value that is like them. Pure.

import { isJson, type Json } from '../openapi/plain.ts'
import { inline } from './markdown.ts'

/** Deeper things are shown as objects. */
const DEEPEST = 4

export class Fields {
  readonly #schemas: Json

  constructor(schemas: Json) {
    this.#schemas = schemas
  }

  /** Html; empty when there is nothing to list. */
  list(schema: Json, depth = 0): string {
    const one = this.#read(schema)
    const inner = this.#objectsIn(one)
    if (depth > DEEPEST || inner.length === 0) return ''
    const lists = inner.map((object) => this.#fieldsOf(object, depth))
    return lists.join('<p class="or">or</p>')
  }

  /** In a few words: `string, up to 500 characters`. */
  type(schema: Json, isBrief = false): string {
    const one = this.#read(schema)
    if (Array.isArray(one['enum']))
      return one['enum'].map((word) => `<code>${escaped(word)}</code>`).join(', ')
    if ('const' in one) return `<code>${escaped(one['const'])}</code>`
    const any = one['anyOf'] ?? one['oneOf']
    if (Array.isArray(any)) return [...new Set(any.map((each: Json) => this.type(each, true)))].join(' or ')
    if (one['type'] === 'array') {
      const of = isJson(one['items']) ? this.type(one['items'], true) : 'anything'
      return `list of ${of}${isBrief ? '' : bounds(one['minItems'], one['maxItems'], '')}`
    }
    if (isBrief && typeof one['type'] === 'string') return one['type']
    if (one['type'] === 'string') return `string${bounds(one['minLength'], one['maxLength'], ' characters')}`
    if (one['type'] === 'integer') return `whole number${bounds(one['minimum'], one['maximum'], '')}`
    return typeof one['type'] === 'string' ? one['type'] : 'anything'
  }

  /** Like what the schema describes. */
  sample(schema: Json, depth = 0): unknown {
    const one = this.#read(schema)
    if ('const' in one) return one['const']
    if (Array.isArray(one['examples']) && one['examples'].length > 0) return one['examples'][0]
    if (Array.isArray(one['enum'])) return one['enum'][0]
    const [first] = (one['anyOf'] ?? one['oneOf'] ?? []) as readonly Json[]
    if (first !== undefined) return this.sample(first, depth)
    if (Array.isArray(one['allOf']))
      return Object.assign({}, ...one['allOf'].map((part: Json) => this.sample(part, depth)))
    switch (one['type']) {
      case 'object':
        return depth > DEEPEST
          ? {}
          : Object.fromEntries(
              Object.entries((one['properties'] ?? {}) as Record<string, Json>).map(([name, inner]) => [
                name,
                this.sample(inner, depth + 1),
              ]),
            )
      case 'array':
        return isJson(one['items']) && depth <= DEEPEST ? [this.sample(one['items'], depth + 1)] : []
      case 'string':
        return '…'
      case 'integer':
      case 'number':
        return typeof one['minimum'] === 'number' ? one['minimum'] : 0
      case 'boolean':
        return false
      default:
        return null
    }
  }

  #fieldsOf(one: Json, depth: number): string {
    const required = (one['required'] ?? []) as readonly string[]
    const rows = Object.entries((one['properties'] ?? {}) as Record<string, Json>).map(([name, schema]) => {
      const read = this.#read(schema)
      const said = saidOf(schema) ?? saidOf(read)
      const inner = this.list(
        read['type'] === 'array' && isJson(read['items']) ? read['items'] : read,
        depth + 1,
      )
      return `<li><div class="field"><code class="name">${escaped(name)}</code> <span class="type">${this.type(schema)}</span>${
        required.includes(name) && depth < 2 ? ' <span class="must">required</span>' : ''
      }</div>${said === undefined ? '' : `<div class="said">${inline(said)}</div>`}${
        inner === ''
          ? ''
          : `<details><summary>Fields of <code>${escaped(name)}</code></summary>${inner}</details>`
      }</li>`
    })
    return `<ul class="fields">${rows.join('')}</ul>`
  }

  #objectsIn(one: Json): readonly Json[] {
    if (isJson(one['properties'])) return [one]
    const any = one['anyOf'] ?? one['oneOf']
    if (!Array.isArray(any)) return []
    const objects = any.map((each: Json) => this.#read(each)).filter((each) => isJson(each['properties']))
    // Eleven kinds of events in a row help nobody.
    return objects.length > 3 ? objects.slice(0, 1) : objects
  }

  #read(schema: Json): Json {
    const ref = schema['$ref']
    if (typeof ref !== 'string') return schema
    const named = this.#schemas[ref.slice(ref.lastIndexOf('/') + 1)]
    return isJson(named) ? named : {}
  }
}

/** Descriptions say what was wanted when it fails; what the type says already is not said twice. */
function saidOf(schema: Json): string | undefined {
  const said = schema['description']
  if (typeof said !== 'string' || said === 'true or false') return undefined
  if (literal(schema) && said.startsWith('"')) return undefined
  return /^[a-z]/.test(said) ? `${said.charAt(0).toUpperCase()}${said.slice(1)}` : said
}
const literal = (schema: Json): boolean => 'enum' in schema || 'const' in schema

function bounds(least: unknown, most: unknown, unit: string): string {
  if (typeof most === 'number') {
    return typeof least === 'number' && least > 0
      ? `, ${figure(least)} to ${figure(most)}${unit}`
      : `, up to ${figure(most)}${unit}`
  }
  return typeof least === 'number' && least > 0 ? `, from ${figure(least)}${unit}` : ''
}

const figure = (value: number): string => value.toLocaleString('en')
const escaped = (value: unknown): string => Bun.escapeHTML(String(value))
