//
// Owns: schema and sources in, values or *all* faults out. Every value remembers where it came from.
// Never: reading the world (load.ts), what follows from several keys (derive.ts, rules.ts).

import type { TomlTable } from 'smol-toml'
import { nearest } from '../core/nearest.ts'
import type { ConfigFault } from './faults.ts'
import type { Entry, Field, Keys, Many, Named, Raw } from './field.ts'
import { find, inFile, keysOfEnv, type Origin, rawOf, type Sources } from './sources.ts'

/** One line of `config show`. */
export interface ShownValue {
  readonly key: string
  readonly raw: unknown
  readonly secret: boolean
  readonly origin: Origin
}

export interface Built {
  /** Keys in camelCase; complete wherever there is no fault. */
  readonly values: Readonly<Record<string, unknown>>
  readonly shown: readonly ShownValue[]
  readonly faults: readonly ConfigFault[]
}

interface Walk {
  readonly sources: Sources
  readonly shown: ShownValue[]
  readonly faults: ConfigFault[]
  /** Every key that may be said, for the environment and for flags. */
  readonly known: Set<string>
}

const NOWHERE: Origin = { kind: 'default', where: '', place: null }

export function build(schema: Keys, sources: Sources): Built {
  const walk: Walk = { sources, shown: [], faults: [], known: new Set() }
  const values = readKeys(walk, schema, { path: '', table: sources.toml?.table ?? null, fallbacks: {} })
  refuseStrangers(walk)
  return { values, shown: walk.shown, faults: walk.faults.toSorted(byLine) }
}

/** As a person reads the file; what has no line comes last. */
const byLine = (a: ConfigFault, b: ConfigFault): number =>
  (a.place?.line ?? Number.MAX_SAFE_INTEGER) - (b.place?.line ?? Number.MAX_SAFE_INTEGER)

interface At {
  readonly path: string
  readonly table: TomlTable | null
  /** In place of the fields' own defaults: built-in plans. */
  readonly fallbacks: Readonly<Record<string, Raw>>
}

function readKeys(walk: Walk, keys: Keys, at: At): Record<string, unknown> {
  refuseUnknown(walk, keys, at)
  const values: Record<string, unknown> = {}
  for (const [name, entry] of Object.entries(keys)) {
    values[camel(name)] = readEntry(walk, entry, { ...at, path: join(at.path, name) }, name)
  }
  return values
}

function readEntry(walk: Walk, entry: Entry, at: At, name: string): unknown {
  switch (entry.kind) {
    case 'field':
      return readField(walk, entry, at, name)
    case 'section':
      return readKeys(walk, entry.keys, { path: at.path, table: tableAt(walk, at, name), fallbacks: {} })
    case 'many':
      return readMany(walk, entry, at, name)
    case 'named':
      return readNamed(walk, entry, at, name)
    default:
      return entry satisfies never
  }
}

function readField(walk: Walk, field: Field<unknown>, at: At, name: string): unknown {
  const key = at.path
  walk.known.add(key)
  const found = find(walk.sources, key, at.table)
  const origin = found?.origin ?? NOWHERE
  if (found?.value.kind === 'unreadable') {
    complain(walk, origin, key, found.value.say)
    return undefined
  }
  const raw = rawValue(found?.value ?? null, field, at.fallbacks[name])
  const value = field.parse(raw)
  walk.shown.push({ key, raw, secret: field.secret, origin })
  if (value === undefined) {
    const got = field.secret ? 'not usable' : JSON.stringify(raw)
    complain(walk, origin, key, `${key} is ${got}; want ${field.want}`)
  }
  return value
}

function rawValue(
  value: { kind: 'raw'; raw: unknown } | { kind: 'text'; text: string } | null,
  field: Field<unknown>,
  fallback: Raw | undefined,
): unknown {
  if (value === null) return fallback ?? field.fallback
  return value.kind === 'raw' ? value.raw : rawOf(value.text, field.shape)
}

function readMany(walk: Walk, many: Many<Keys>, at: At, name: string): readonly unknown[] {
  const raw = at.table?.[name] ?? []
  if (!Array.isArray(raw) || !raw.every(isTable)) {
    complain(
      walk,
      fileOrigin(walk, at.path),
      at.path,
      `${at.path} is not a list of tables; write [[${at.path}]]`,
    )
    return []
  }
  return raw.map((table, i) =>
    readKeys(walk, many.keys, {
      path: `${at.path}.${i}`,
      table: isTable(table) ? table : null,
      fallbacks: {},
    }),
  )
}

function readNamed(walk: Walk, named: Named<Keys>, at: At, name: string): Record<string, unknown> {
  const outer = tableAt(walk, at, name)
  const values: Record<string, unknown> = {}
  for (const inner of new Set([...Object.keys(named.builtIn), ...Object.keys(outer ?? {})])) {
    const path = join(at.path, inner)
    const table = outer ? tableAt(walk, { ...at, path, table: outer }, inner) : null
    values[inner] = readKeys(walk, named.keys, { path, table, fallbacks: named.builtIn[inner] ?? {} })
  }
  return values
}

/** The table behind a key; null when nobody wrote it, a fault when it is something else. */
function tableAt(walk: Walk, at: At, name: string): TomlTable | null {
  const raw = at.table?.[name]
  if (raw === undefined) return null
  if (isTable(raw)) return raw
  complain(walk, fileOrigin(walk, at.path), at.path, `${at.path} is not a table; write [${at.path}]`)
  return null
}

function refuseUnknown(walk: Walk, keys: Keys, at: At): void {
  for (const name of Object.keys(at.table ?? {})) {
    const plain = name.replace(/__FILE$/, '')
    if (keys[name] ?? (keys[plain]?.kind === 'field' || undefined)) continue
    const path = join(at.path, name)
    const near = nearest(plain, Object.keys(keys))
    const hint = near ? `; did you mean ${join(at.path, near)}?` : ''
    complain(walk, fileOrigin(walk, path), path, `unknown key ${path}${hint}`)
  }
}

/** Flags and variables that name no key: a slip there must not pass in silence either. */
function refuseStrangers(walk: Walk): void {
  const hint = (key: string): string => {
    const near = nearest(key, walk.known)
    return near ? `; did you mean ${near}?` : ''
  }
  for (const key of walk.sources.flags.keys()) {
    const origin: Origin = { kind: 'flag', where: '--set', place: null }
    if (!walk.known.has(key)) complain(walk, origin, key, `unknown key ${key}${hint(key)}`)
  }
  for (const [key, variable] of keysOfEnv(walk.sources.env)) {
    const origin: Origin = { kind: 'env', where: variable, place: null }
    if (!walk.known.has(key)) complain(walk, origin, key, `unknown key ${key}${hint(key)}`)
  }
}

function fileOrigin(walk: Walk, path: string): Origin {
  return walk.sources.toml ? inFile(walk.sources.toml, path) : NOWHERE
}

function complain(walk: Walk, origin: Origin, key: string, say: string): void {
  walk.faults.push(faultAt(walk.sources, origin, { key, say }))
}

/** Also for rules between keys: the caret stands where the value came from. */
export function faultAt(sources: Sources, origin: Origin, what: { key: string; say: string }): ConfigFault {
  const line = origin.place?.line
  const source = line === undefined ? null : (sources.toml?.text.split(/\r?\n/)[line - 1] ?? null)
  return { ...what, where: origin.where, place: origin.place, source }
}

const isTable = (raw: unknown): raw is TomlTable =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !(raw instanceof Date)

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

export const camel = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
