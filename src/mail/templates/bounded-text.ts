import { toValue } from 'liquidjs'

/** Where Liquid writes; throws when a template prints more than `limit` characters. */
export class BoundedText {
  buffer = ''
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  write(value: unknown): void {
    this.buffer += printed(value)
    if (this.buffer.length > this.#limit) {
      throw new Error(`output limit of ${this.#limit} characters exceeded`)
    }
  }
}

/** As Liquid prints: nil is nothing, lists are their elements in a row. */
function printed(written: unknown): string {
  const value: unknown = toValue(written)
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  return Array.isArray(value) ? value.map(printed).join('') : String(value)
}
