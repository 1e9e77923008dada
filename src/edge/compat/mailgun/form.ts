//
// Owns: reading the fields of a form of Mailgun's. What is wrong is named. Pure.

import type { NamedMailbox } from '../../../core/address.ts'
import type { FieldFault } from '../../../services/submission/refusal.ts'
import { mailboxesAt } from '../addresses.ts'
import type { Form, FormValue, Upload } from '../body.ts'
import { type Json, said } from '../values.ts'

const APART = /^h:(?:reply-to|x-mailgun-variables)$/i

export function jsonOrText(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export class FormReader {
  readonly #form: Form
  readonly #faults: FieldFault[]
  /** Names of header fields have no case (RFC 5322 §3.6): as they stand there, by small letters. */
  readonly #own: ReadonlyMap<string, string>

  constructor(form: Form, faults: FieldFault[]) {
    this.#form = form
    this.#own = new Map([...form.keys()].map((name) => [name.toLowerCase(), name]))
    this.#faults = faults
  }

  texts(name: string): string[] {
    const own = name.startsWith('h:') ? (this.#own.get(name.toLowerCase()) ?? name) : name
    return (this.#form.get(own) ?? []).flatMap((value) => {
      if (typeof value === 'string') return [value]
      this.#wrong(name, 'wants a text, not a file')
      return []
    })
  }

  text(name: string): string | undefined {
    const texts = this.texts(name)
    if (texts.length > 1) this.#wrong(name, 'stands there twice')
    return texts[0]
  }

  people(name: string): NamedMailbox[] {
    return this.texts(name).flatMap((text) => mailboxesAt(text, name, this.#faults))
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name)?.toLowerCase()
    if (text === undefined || text === '') return undefined
    if (['yes', 'true', 'htmlonly'].includes(text)) return true
    if (['no', 'false'].includes(text)) return false
    this.#wrong(name, 'wants yes or no')
    return undefined
  }

  json(name: string): Json | undefined {
    const text = this.text(name)
    if (text === undefined || text === '') return undefined
    const value = jsonOrText(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
    this.#wrong(name, 'wants a JSON object')
    return undefined
  }

  time(name: string): string | undefined {
    const text = this.text(name)?.trim()
    if (text === undefined || text === '') return undefined
    const isSeconds = /^\d{9,11}(?:\.\d+)?$/.test(text)
    // RFC 2822 §3.3, with the zones of §4.3.
    const isDate =
      /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UTC?|[ECMP][SD]T)$/.test(
        text,
      )
    const at = isSeconds ? Number(text) * 1000 : isDate ? Date.parse(text) : Number.NaN
    if (!Number.isNaN(at)) return new Date(at).toISOString()
    this.#wrong(name, 'wants a date such as "Fri, 15 Jan 2027 10:30:00 +0000", or seconds since 1970')
    return undefined
  }

  /** Those of a prefix, but those that have a place of their own. */
  family(prefix: string, read: (text: string) => unknown): Json | undefined {
    const found: Record<string, unknown> = {}
    for (const name of this.#form.keys()) {
      if (!name.startsWith(prefix) || APART.test(name)) continue
      const text = this.text(name)
      if (text !== undefined) found[name.slice(prefix.length)] = read(text)
    }
    return Object.keys(found).length === 0 ? undefined : found
  }

  files(name: string, isInline: boolean): Json[] {
    return (this.#form.get(name) ?? []).map((value) => fileOf(value, isInline))
  }

  #wrong(path: string, message: string): void {
    this.#faults.push({ path, code: 'invalid', message })
  }
}

function fileOf(value: FormValue, isInline: boolean): Json {
  const { bytes, contentType, filename } = typeof value === 'string' ? asFile(value) : value
  return said({
    filename: filename || 'file',
    content: Buffer.from(bytes).toString('base64'),
    content_type: contentType || undefined,
    content_id: isInline ? filename || 'file' : undefined,
  })
}

const asFile = (text: string): Upload => ({
  filename: '',
  contentType: 'text/plain',
  bytes: Buffer.from(text),
})
