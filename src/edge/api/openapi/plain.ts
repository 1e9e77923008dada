//
// Owns: schemas of routes as plain JSON Schema 2020-12, as OpenAPI 3.1 wants it. What has a title becomes a component
// that is shown once and referred to. Pure.

import type { TSchema } from 'elysia'

export type Json = { readonly [key: string]: unknown }

/** Components by their title. */
export class Components {
  readonly #named = new Map<string, Json>()
  readonly #written = new Map<string, string>()

  /** A schema, or a reference to where it stands. */
  schema(schema: TSchema): Json {
    return this.#write(schema as Json, true)
  }

  get all(): Json {
    return Object.fromEntries([...this.#named].sort(([one], [other]) => (one < other ? -1 : 1)))
  }

  #write(schema: Json, mayRefer: boolean): Json {
    const { title } = schema
    if (mayRefer && typeof title === 'string') return this.#refer(title, schema)
    const number = numeric(schema)
    if (number !== null) return number
    const words = literals(schema)
    if (words !== null) {
      const { anyOf: _, ...rest } = schema
      return { type: 'string', enum: words, ...this.#inside(rest) }
    }
    return this.#inside(schema)
  }

  #refer(title: string, schema: Json): Json {
    const written = JSON.stringify(schema)
    const before = this.#written.get(title)
    if (before !== undefined && before !== written) throw new Error(`two schemas are called ${title}`)
    if (before === undefined) {
      this.#written.set(title, written)
      this.#named.set(title, this.#write(schema, false))
    }
    return { $ref: `#/components/schemas/${title}` }
  }

  #inside(schema: Json): Json {
    const plain: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(schema)) {
      // A record: any key.
      if (key === 'patternProperties' && isJson(value) && '^(.*)$' in value) {
        plain['additionalProperties'] = this.#write(value['^(.*)$'] as Json, true)
      } else if (key === 'properties' && isJson(value)) {
        plain[key] = Object.fromEntries(
          Object.entries(value).map(([name, one]) => [name, this.#write(one as Json, true)]),
        )
      } else if (/^(?:anyOf|allOf|oneOf)$/.test(key) && Array.isArray(value)) {
        plain[key] = value.map((one) => this.#write(one as Json, true))
      } else if (/^(?:items|additionalProperties|not)$/.test(key) && isJson(value)) {
        plain[key] = this.#write(value, true)
      } else if (!(key === 'examples' && Array.isArray(value) && value.length === 0)) {
        plain[key] = value
      }
    }
    return plain
  }
}

/** The framework's whole numbers, which texts of digits may stand for in queries; null: something else. */
function numeric({ anyOf, description }: Json): Json | null {
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return null
  const [text, number] = anyOf as readonly Json[]
  if (!/^(?:integer|numeric)$/.test(String(text?.['format'])) || number === undefined) return null
  return description === undefined ? number : { ...number, description }
}

/** A union of words alone; null: something else. */
function literals({ anyOf }: Json): readonly string[] | null {
  if (!Array.isArray(anyOf) || anyOf.length === 0) return null
  const words = anyOf.map((one: Json) => one['const'])
  return words.every((word) => typeof word === 'string') ? words : null
}

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
