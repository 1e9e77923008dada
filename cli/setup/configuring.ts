//
// Owns: bringing the answers into the configuration file: no value that somebody wrote is lost without a word, no
// comment at all; what is written was checked before, and stands there whole or not.

import {
  chmodSync,
  chownSync,
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { AdminFault } from '../../src/admin/admin.ts'
import { type Differing, type Setting, setIn, valueIn } from '../../src/config/edit.ts'
import { formatFault } from '../../src/config/faults.ts'
import { type Asked, type Loaded, loadConfig } from '../../src/config/load.ts'
import { fault, ok, type Result } from '../../src/core/result.ts'

export interface Draft {
  readonly file: string
  readonly text: string
}

const SYSTEM = '/etc/mailwok/mailwok.toml'

/** The file that is read, or that will be made. One that is broken has to be mended first. */
export function draftOf(asked: Asked): Result<Draft, AdminFault> {
  if (asked.file !== null && !existsSync(asked.file)) return ok({ file: resolve(asked.file), text: '' })
  const loaded = loadConfig(asked)
  if (!loaded.ok) {
    return fault({ code: 'bad_configuration', message: loaded.error.map(formatFault).join('\n') })
  }
  const { file } = loaded.value
  if (file !== null) return ok({ file: realpathSync(file), text: readFileSync(file, 'utf8') })
  return ok({ file: process.getuid?.() === 0 ? SYSTEM : resolve('mailwok.toml'), text: '' })
}

/** Values that were written and are others; what is empty, or the default, nobody has decided. */
export function differing(toml: string, settings: readonly Setting[]): readonly Differing[] {
  return settings.flatMap(({ key, value }) => {
    const found = valueIn(toml, key)
    const isFree = found === undefined || found === '' || found === value || found === UNDECIDED.get(key)
    return isFree ? [] : [{ key, value, found }]
  })
}

/** What install.sh writes, and `mailwok config default`. */
const UNDECIDED: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['delivery.mode', 'direct'],
  ['tls.mode', 'self-signed'],
  ['tls.acme_terms_agreed', false],
  ['backup.every', '0s'],
])

export interface Configured {
  readonly loaded: Loaded
  readonly changed: boolean
}

export function configure(
  asked: Asked,
  { file, text }: Draft,
  settings: readonly Setting[],
): Result<Configured, AdminFault> {
  const edited = setIn(text, settings)
  if (!edited.ok) {
    const message = `${edited.error} stands in ${file} in a way that only a person can change: set it there`
    return fault({ code: 'bad_configuration', message })
  }
  const changed = edited.value !== text
  const candidate = `${file}.candidate`
  try {
    if (changed) write(candidate, edited.value, file)
    const loaded = loadConfig({ ...asked, file: changed ? candidate : file })
    if (!loaded.ok) {
      const message = `nothing was changed: ${loaded.error.map(formatFault).join('\n').replaceAll(candidate, file)}`
      return fault({ code: 'bad_configuration', message })
    }
    if (changed) renameSync(candidate, file)
    return ok({ loaded: { ...loaded.value, file }, changed })
  } catch (error) {
    const message = `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`
    return fault({ code: 'not_written', message })
  } finally {
    rmSync(candidate, { force: true })
  }
}

/** Passwords stand in it: nobody else reads it, but the service by its group does. */
function write(candidate: string, text: string, file: string): void {
  rmSync(candidate, { force: true })
  writeFileSync(candidate, text, { mode: 0o600, flag: 'wx', flush: true })
  const before = statSync(file, { throwIfNoEntry: false })
  const group = before?.gid ?? statSync(dirname(file)).gid
  if (process.getuid?.() === 0) chownSync(candidate, before?.uid ?? 0, group)
  chmodSync(candidate, (before?.mode ?? 0o640) & 0o640)
}
