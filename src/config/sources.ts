//
// Owns: where a value can come from, which place wins, and how text becomes a value of the file.
// Never: the world. Files and the environment are handed in by load.ts.

import type { TomlTable } from 'smol-toml'
import type { Result } from '../core/result.ts'
import type { Raw, Scalar } from './field.ts'
import { type Place, type Places, placeOf } from './places.ts'

/** Precedence from the top: flag, env, credential, file, default. */
export interface Origin {
  readonly kind: 'flag' | 'env' | 'credential' | 'file' | 'default'
  /** A variable, a flag, a path; empty for defaults. */
  readonly where: string
  readonly place: Place | null
}

export interface TomlSource {
  readonly file: string
  readonly text: string
  readonly table: TomlTable
  readonly places: Places
}

export interface Sources {
  /** By dotted key: `server.hostname`. */
  readonly flags: ReadonlyMap<string, string>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Names of files in $CREDENTIALS_DIRECTORY that look like keys, and their paths. */
  readonly credentials: ReadonlyMap<string, string>
  readonly toml: TomlSource | null
  /** The fault is a sentence. */
  readText(path: string): Result<string, string>
}

export interface Found {
  readonly origin: Origin
  /** `unreadable` is a sentence: the value was to come from a file. */
  readonly value: { readonly kind: 'raw'; readonly raw: unknown } | Text | Unreadable
}
interface Text {
  readonly kind: 'text'
  readonly text: string
}
interface Unreadable {
  readonly kind: 'unreadable'
  readonly say: string
}

const PREFIX = 'MAILWOK_'
const FILE_SUFFIX = '__FILE'

export const variableOf = (key: string): string => PREFIX + key.toUpperCase().replaceAll('.', '__')

/** Keys that the environment speaks of; variables without `__` (MAILWOK_CONFIG, MAILWOK_URL) mean other things. */
export function keysOfEnv(env: Sources['env']): ReadonlyMap<string, string> {
  const keys = new Map<string, string>()
  for (const variable of Object.keys(env)) {
    if (!variable.startsWith(PREFIX) || env[variable] === undefined) continue
    const key = variable.slice(PREFIX.length).replace(/__FILE$/, '')
    if (key.includes('__')) keys.set(key.toLowerCase().replaceAll('__', '.'), variable)
  }
  return keys
}

/** `table` is the TOML table that holds the key's last part. Null: nobody said anything, the default holds. */
export function find(sources: Sources, key: string, table: TomlTable | null): Found | null {
  const said = sources.flags.get(key)
  if (said !== undefined) return { origin: origin('flag', '--set'), value: { kind: 'text', text: said } }
  const variable = variableOf(key)
  const direct = sources.env[variable]
  if (direct !== undefined) {
    return { origin: origin('env', variable), value: { kind: 'text', text: direct } }
  }
  const indirect = sources.env[variable + FILE_SUFFIX]
  if (indirect !== undefined) {
    return { origin: origin('env', variable + FILE_SUFFIX), value: fromFile(sources, indirect) }
  }
  const credential = sources.credentials.get(key)
  if (credential !== undefined) {
    return { origin: origin('credential', credential), value: fromFile(sources, credential) }
  }
  return sources.toml && table ? findInFile(sources, sources.toml, { key, table }) : null
}

function findInFile(
  sources: Sources,
  toml: TomlSource,
  ask: { key: string; table: TomlTable },
): Found | null {
  const name = ask.key.slice(ask.key.lastIndexOf('.') + 1)
  const raw = ask.table[name]
  if (raw !== undefined) return { origin: inFile(toml, ask.key), value: { kind: 'raw', raw } }
  const file = ask.table[name + FILE_SUFFIX]
  if (file === undefined) return null
  const value: Found['value'] =
    typeof file === 'string'
      ? fromFile(sources, file)
      : { kind: 'unreadable', say: `${ask.key}${FILE_SUFFIX} is not text; want the path of a file` }
  return { origin: inFile(toml, ask.key + FILE_SUFFIX), value }
}

const origin = (kind: Origin['kind'], where: string): Origin => ({ kind, where, place: null })

export const inFile = (toml: TomlSource, key: string): Origin => ({
  kind: 'file',
  where: toml.file,
  place: placeOf(toml.places, key),
})

function fromFile(sources: Sources, path: string): Text | Unreadable {
  const read = sources.readText(path)
  if (!read.ok) return { kind: 'unreadable', say: read.error }
  // Editors and `echo` end a file with a line break that is not part of a secret.
  return { kind: 'text', text: read.value.replace(/\r?\n$/, '') }
}

/** Text of a flag or a variable in the notation of the file. What does not fit stays text: the parser will say so. */
export function rawOf(text: string, shape: 'text' | 'number' | 'boolean' | 'list'): Raw {
  switch (shape) {
    case 'text':
      return text
    case 'number':
      return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'list':
      return listOf(text)
    default:
      return shape satisfies never
  }
}

/** `a, b` or `["a", "b"]`; a lone `[::]:443` is neither. */
const listOf = (text: string): readonly Scalar[] =>
  text
    .replace(/^\[\s*("[\s\S]*")?\s*\]$/, '$1')
    .split(',')
    .map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
    .filter((part) => part !== '')
