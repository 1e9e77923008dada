//
// Owns: the kinds of values that the configuration knows, each with its default, its parser and what to say when it is wrong.
// Never: names of keys.

import type { Listener, Network } from './units.ts'
import {
  isAddress,
  parseDuration,
  parseListener,
  parseNameServer,
  parseNetwork,
  parsePlace,
  parseSize,
} from './units.ts'

/** What can stand behind a `=` in the file, as far as we use TOML. */
export type Scalar = string | number | boolean
export type Raw = Scalar | readonly Scalar[]

export interface Field<T> {
  readonly kind: 'field'
  /** The comment in mailwok.example.toml. */
  readonly about: string
  /** In the file's notation; parsed like any other value. */
  readonly fallback: Raw
  /** How text of a flag or of the environment becomes a value of the file. */
  readonly shape: 'text' | 'number' | 'boolean' | 'list'
  /** Ends the sentence "want …". */
  readonly want: string
  readonly secret: boolean
  /** Undefined: not what was wanted. */
  parse(raw: unknown): T | undefined
}

/** `[section]`; a section inside another is `[outer.inner]`. */
export interface Section<K extends Keys> {
  readonly kind: 'section'
  readonly about: string
  readonly keys: K
}

/** `[[name]]`, as often as wanted. */
export interface Many<K extends Keys> {
  readonly kind: 'many'
  readonly about: string
  readonly keys: K
  /** Written out as a comment in the example. */
  readonly sample: Readonly<Record<string, Raw>>
}

/** `[outer.name]` with names of the user's choice. */
export interface Named<K extends Keys> {
  readonly kind: 'named'
  readonly about: string
  readonly keys: K
  readonly builtIn: Readonly<Record<string, Readonly<Record<string, Raw>>>>
}

export type Entry = Field<unknown> | Section<Keys> | Many<Keys> | Named<Keys>
export interface Keys {
  readonly [key: string]: Entry
}

export const section = <K extends Keys>(about: string, keys: K): Section<K> => ({
  kind: 'section',
  about,
  keys,
})
export const many = <K extends Keys>(about: string, keys: K, sample: Many<K>['sample']): Many<K> => ({
  kind: 'many',
  about,
  keys,
  sample,
})
export const named = <K extends Keys>(about: string, keys: K, builtIn: Named<K>['builtIn']): Named<K> => ({
  kind: 'named',
  about,
  keys,
  builtIn,
})

type Rest<T> = Pick<Field<T>, 'shape' | 'want' | 'parse'> & { readonly secret?: boolean }
const field = <T>(fallback: Raw, about: string, rest: Rest<T>): Field<T> => ({
  kind: 'field',
  about,
  fallback,
  secret: false,
  ...rest,
})

/** A value written as text that a parser turns into something better; null is the parser's no. */
const written =
  <T>(parse: (text: string) => T | null) =>
  (raw: unknown): T | undefined =>
    typeof raw === 'string' ? (parse(raw) ?? undefined) : undefined

/** Each element by itself; one wrong element refuses the list. */
function listed<T>(raw: unknown, parse: (text: string) => T | null): readonly T[] | undefined {
  const texts = Array.isArray(raw) ? raw : raw === '' ? [] : [raw]
  const values: T[] = []
  for (const text of texts) {
    const value = typeof text === 'string' ? parse(text) : null
    if (value === null) return undefined
    values.push(value)
  }
  return values
}

/** RFC 1123 §2.1, also with a single label. */
export const HOST_OR_NOTHING =
  /^$|^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i

const CONTROL = /\p{Cc}/u

export const text = (fallback: string, about: string, want = 'a text without control characters') =>
  field(fallback, about, {
    shape: 'text',
    want,
    parse: written((value) => (CONTROL.test(value) ? null : value)),
  })

/** Never shown, never logged; the final line end of a file is not part of it. */
export const secretText = (about: string) =>
  field('', about, {
    shape: 'text',
    want: 'a text without control characters',
    secret: true,
    parse: written((value) => (CONTROL.test(value) ? null : value)),
  })

export const matching = (fallback: string, about: string, rule: { pattern: RegExp; want: string }) =>
  field(fallback, about, {
    shape: 'text',
    want: rule.want,
    parse: written((value) => (rule.pattern.test(value) ? value : null)),
  })

export const path = (fallback: string, about: string) =>
  field(fallback, about, {
    shape: 'text',
    want: 'a path such as "/var/lib/mailwok"',
    parse: written((value) => (CONTROL.test(value) ? null : value)),
  })

export const flag = (fallback: boolean, about: string) =>
  field(fallback, about, {
    shape: 'boolean',
    want: 'true or false',
    parse: (raw): boolean | undefined => (typeof raw === 'boolean' ? raw : undefined),
  })

export const count = (fallback: number, about: string, range: { from: number; to: number }) =>
  field(fallback, about, {
    shape: 'number',
    want: `a whole number from ${range.from} to ${range.to}`,
    parse: (raw): number | undefined => within(raw, range),
  })

/** 0 stands for "auto" until derive.ts has looked at the machine. */
export const countOrAuto = (about: string, range: { from: number; to: number }) =>
  field('auto', about, {
    shape: 'number',
    want: `"auto" or a whole number from ${range.from} to ${range.to}`,
    parse: (raw): number | undefined => (raw === 'auto' ? 0 : within(raw, range)),
  })

/** Null is without limit. */
export const rate = (about: string) =>
  field('unlimited', about, {
    shape: 'number',
    want: 'a number above 0, or "unlimited"',
    parse: (raw): number | null | undefined => {
      if (raw === 'unlimited') return null
      return typeof raw === 'number' && Number.isFinite(raw) && raw > 0 ? raw : undefined
    },
  })

const within = (raw: unknown, range: { from: number; to: number }): number | undefined =>
  typeof raw === 'number' && Number.isInteger(raw) && raw >= range.from && raw <= range.to ? raw : undefined

export const word = <const W extends readonly string[]>(fallback: W[number], words: W, about: string) =>
  field(fallback, about, {
    shape: 'text',
    want: `one of ${words.map((one) => `"${one}"`).join(', ')}`,
    parse: written((value): W[number] | null => words.find((one) => one === value) ?? null),
  })

export const wordList = <const W extends readonly string[]>(
  words: W,
  about: string,
  fallback: readonly W[number][] = words,
) =>
  field(fallback, about, {
    shape: 'list',
    want: `a list of ${words.map((one) => `"${one}"`).join(', ')}`,
    parse: (raw) => listed(raw, (value): W[number] | null => words.find((one) => one === value) ?? null),
  })

export const textList = (
  about: string,
  want: string,
  holds: (value: string) => boolean,
  fallback: readonly string[] = [],
) =>
  field(fallback, about, {
    shape: 'list',
    want,
    parse: (raw) => listed(raw, (value) => (holds(value) ? value : null)),
  })

export const duration = (fallback: string, about: string) =>
  field(fallback, about, {
    shape: 'text',
    want: 'a duration such as "90s", "20m", "5d"',
    parse: written(parseDuration),
  })

export const size = (fallback: string, about: string) =>
  field(fallback, about, {
    shape: 'text',
    want: 'a size such as "512KB", "25MB", "1GB"',
    parse: written(parseSize),
  })

export const listeners = (fallback: string | readonly string[], about: string) =>
  field<readonly Listener[]>(fallback, about, {
    shape: 'list',
    want: 'address:port such as "127.0.0.1:8080" or "[::]:443", a list of them, or "" for none',
    parse: (raw) => listed(raw, parseListener),
  })

export const nameServers = (about: string) =>
  field<readonly Listener[]>([], about, {
    shape: 'list',
    want: 'a list of addresses, with or without a port, such as ["127.0.0.1:5353"]',
    parse: (raw) => listed(raw, parseNameServer),
  })

export const placeList = (about: string) =>
  field<readonly Listener[]>([], about, {
    shape: 'list',
    want: 'a list of hosts with their ports, such as ["127.0.0.1:3000"]',
    parse: (raw) => listed(raw, parsePlace),
  })

export const networks = (about: string) =>
  field<readonly Network[]>([], about, {
    shape: 'list',
    want: 'a list of networks such as ["127.0.0.1/32", "10.0.0.0/8"]',
    parse: (raw) => listed(raw, parseNetwork),
  })

/** "" where none was given; a rule says where one is needed. */
export const address = (about: string) =>
  field('', about, {
    shape: 'text',
    want: 'an IP address such as "192.0.2.1"',
    parse: written((value) => (value === '' || isAddress(value) ? value : null)),
  })

export const addresses = (about: string) =>
  textList(about, 'a list of IP addresses such as ["192.0.2.1"]', isAddress)
