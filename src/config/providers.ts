//
// Owns: what is known of providers, from two tables: assets/providers.toml, which is part of the executable, and
// [[provider]] of the configuration, which goes before it.

import { parse } from 'smol-toml'
import table from '../../assets/providers.toml' with { type: 'text' }
import type { Config } from './schema.ts'

/** Plain data: what services/routing/provider-book.ts is made of. */
export interface KnownProvider {
  readonly name: string
  readonly mx: readonly string[]
  readonly connections: { readonly start: number; readonly most: number }
  readonly messagesPerConnection: number | null
  readonly messagesPerSecond: number | null
  readonly postmaster: string | null
}

type Own = Config['provider'][number]

/** A provider of the operator's begins so; it may not have more at once. */
const START = 2
/** Where nothing else is said, as many as to any other. */
const MOST = 20

/** Throws on a table that is not as its head says: it was built so, and a test reads it. */
export function knownProviders(toml: string = builtIn()): readonly KnownProvider[] {
  const entries = parse(toml)['provider']
  if (!Array.isArray(entries)) throw new Error('providers.toml: no [[provider]]')
  return entries.map((entry) => fromTable(entry))
}

/** Own entries with a known name change what they say; what they leave out stays. New ones stand behind the known. */
export function withOwn(known: readonly KnownProvider[], own: readonly Own[]): readonly KnownProvider[] {
  const merged = new Map(known.map((entry) => [entry.name, entry]))
  for (const mine of own) merged.set(mine.name, changed(merged.get(mine.name), mine))
  return [...merged.values()]
}

function changed(known: KnownProvider | undefined, mine: Own): KnownProvider {
  const most = mine.connections || known?.connections.most || MOST
  return {
    name: mine.name,
    mx: mine.mx.length > 0 ? mine.mx.map((host) => host.toLowerCase()) : (known?.mx ?? []),
    connections: { start: Math.min(known?.connections.start ?? START, most), most },
    messagesPerConnection: mine.messagesPerConnection || (known?.messagesPerConnection ?? null),
    messagesPerSecond: mine.messagesPerSecond ?? known?.messagesPerSecond ?? null,
    postmaster: known?.postmaster ?? null,
  }
}

/** The bundler's types take a .toml for its contents; the attribute above makes it text. */
const builtIn = (): string => String(table)

const KEYS = new Set([
  'name',
  'mx',
  'start',
  'connections',
  'messages_per_connection',
  'messages_per_second',
  'postmaster',
])

function fromTable(entry: unknown): KnownProvider {
  const fields = new Map(Object.entries(Object(entry)))
  const name = fields.get('name')
  const say = (what: string): Error => new Error(`providers.toml: ${String(name)}: ${what}`)
  const unknown = [...fields.keys()].find((key) => !KEYS.has(key))
  if (unknown !== undefined) throw say(`${unknown} means nothing`)
  const number = (key: string): number | null => {
    const value = fields.get(key) ?? null
    if (value !== null && !(typeof value === 'number' && value > 0)) throw say(`${key} is no number above 0`)
    return value
  }
  const mx = fields.get('mx')
  if (typeof name !== 'string' || name === '') throw say('no name')
  if (!Array.isArray(mx) || !mx.every((host) => typeof host === 'string')) throw say('no mx')
  const start = number('start')
  const most = number('connections')
  if (start === null || most === null || start > most) throw say('start and connections do not fit')
  const postmaster = fields.get('postmaster') ?? null
  return {
    name,
    mx,
    connections: { start, most },
    messagesPerConnection: number('messages_per_connection'),
    messagesPerSecond: number('messages_per_second'),
    postmaster: postmaster === null ? null : String(postmaster),
  }
}
