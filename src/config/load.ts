//
// Owns: the one place where the environment and configuration files are read.
// Never: what keys mean. Everything after this line of the house takes its own options.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { fault, ok, type Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import { build, camel, faultAt, type ShownValue } from './build.ts'
import { deepFreeze, derive } from './derive.ts'
import type { ConfigFault } from './faults.ts'
import { findPlaces } from './places.ts'
import { brokenRules } from './rules.ts'
import { type Config, SCHEMA } from './schema.ts'
import { inFile, type Sources, type TomlSource } from './sources.ts'

export interface Asked {
  /** `--config`; null looks at the usual places, and none of them is a fault. */
  readonly file: string | null
  /** `--set section.key=value`. */
  readonly flags: ReadonlyMap<string, string>
}

export interface Loaded {
  readonly config: Config
  /** Null when there was none: defaults and environment alone. */
  readonly file: string | null
  readonly shown: readonly ShownValue[]
}

/** What the service manager tells a process about itself (sd_notify(3), sd_watchdog_enabled(3)). */
export interface Surroundings {
  readonly notifySocket: string | null
  readonly watchdog: Milliseconds | null
  /** Device and inode of the stream that the journal reads (systemd.exec(5)). */
  readonly journal: string | null
}

export function readSurroundings(env: Env = process.env): Surroundings {
  const microseconds = Number(env['WATCHDOG_USEC'] ?? '')
  return {
    notifySocket: env['NOTIFY_SOCKET'] || null,
    watchdog: microseconds > 0 ? microseconds / 1000 : null,
    journal: env['JOURNAL_STREAM'] || null,
  }
}

const USUAL_PLACES = ['./mailwok.toml', '/etc/mailwok/mailwok.toml']

type Env = Readonly<Record<string, string | undefined>>

/** `env` is the process' environment unless a test says otherwise. */
export function loadConfig(asked: Asked, env: Env = process.env): Result<Loaded, readonly ConfigFault[]> {
  const file = asked.file ?? env['MAILWOK_CONFIG'] ?? USUAL_PLACES.find((place) => existsSync(place)) ?? null
  const toml = file === null ? ok(null) : readToml(file)
  if (!toml.ok) return fault([toml.error])
  const sources: Sources = {
    flags: asked.flags,
    env,
    credentials: credentialsIn(env['CREDENTIALS_DIRECTORY']),
    toml: toml.value,
    readText,
  }
  const built = build(SCHEMA, sources)
  if (built.faults.length > 0) return fault(built.faults)
  // The table that the values were parsed by is the table that the type is made of.
  const config = derive(built.values as unknown as Config, {
    hostname: hostname(),
    cores: availableParallelism(),
  })
  const broken = brokenRules(config)
  if (broken.length > 0) {
    return fault(broken.map((rule) => faultAt(sources, originOf(built.shown, rule.key, sources.toml), rule)))
  }
  return ok({
    config: deepFreeze(config),
    file: file === null ? null : resolve(file),
    shown: built.shown.map((value) => effective(config, value)),
  })
}

/** What was left to us is shown as what came of it: an empty hostname as the name of the machine. */
function effective(config: Config, shown: ShownValue): ShownValue {
  if (shown.secret || (shown.raw !== '' && shown.raw !== 'auto')) return shown
  let value: unknown = config
  for (const part of shown.key.split('.')) value = isRecord(value) ? value[camel(part)] : undefined
  return typeof value === 'string' || typeof value === 'number' ? { ...shown, raw: value } : shown
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** What was left out of a table that somebody wrote is at fault where that table stands. */
function originOf(shown: readonly ShownValue[], key: string, toml: TomlSource | null): ShownValue['origin'] {
  const origin = shown.find((value) => value.key === key)?.origin
  if (origin !== undefined && origin.kind !== 'default') return origin
  const inTable = toml === null ? null : inFile(toml, key)
  return inTable?.place ? inTable : { kind: 'default', where: '', place: null }
}

function readToml(file: string): Result<TomlSource, ConfigFault> {
  const read = readText(file)
  if (!read.ok) return fault({ key: '', say: read.error, where: file, place: null, source: null })
  try {
    return ok({ file, text: read.value, table: parse(read.value), places: findPlaces(read.value) })
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const { line, column } = error
    return fault({
      key: '',
      say: error.message.split('\n')[0] ?? 'is not TOML',
      where: file,
      place: { line, column, width: 1 },
      source: read.value.split(/\r?\n/)[line - 1] ?? null,
    })
  }
}

function readText(path: string): Result<string, string> {
  try {
    return ok(readFileSync(path, 'utf8'))
  } catch (error) {
    return fault(error instanceof Error ? `cannot be read: ${error.message}` : 'cannot be read')
  }
}

/** systemd's LoadCredential= puts each secret into a file of its own name (systemd.exec(5)). */
function credentialsIn(folder: string | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  if (folder === undefined || !existsSync(folder)) return found
  for (const name of readdirSync(folder)) found.set(name, join(folder, name))
  return found
}
