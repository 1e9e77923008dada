//
// Owns: backups: the store's own snapshot, the master secret and a note of what they are, in one folder.
// A backup without the secret would be mail that nobody can sign, so they never part.

import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../config/schema.ts'
import { fault, ok, type Result } from '../core/result.ts'
import { SNAPSHOT_NAME as POSTGRES_SNAPSHOT } from '../store/postgres/snapshot.ts'
import { SNAPSHOT_NAME as SQLITE_SNAPSHOT } from '../store/sqlite/upkeep.ts'
import type { Store } from '../store/store.ts'
import type { AdminFault } from './admin.ts'
import { restoreDump } from './backup-postgres.ts'
import type { BackupReport } from './node-rows.ts'

const SECRET = 'secret'
const NOTE = 'backup.json'
const FORMAT = 1
const ASIDE = '.before-restore'

interface Note {
  readonly format: number
  readonly engine: Store['engine']
  readonly schema: number
  readonly made_at: string
  readonly hostname: string
}

export async function createBackup(
  parts: { readonly store: Store; readonly config: Config; readonly now: number },
  folder: string,
): Promise<Result<BackupReport, AdminFault>> {
  const { store, config, now } = parts
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if ((await readdir(folder)).length > 0)
      return fault({ code: 'not_empty', message: `${folder} is not empty` })
    await store.upkeep.snapshot(folder)
    await copyFile(config.server.secretFile, join(folder, SECRET))
    const note: Note = {
      format: FORMAT,
      engine: store.engine,
      schema: await store.upkeep.schemaVersion(),
      made_at: new Date(now).toISOString(),
      hostname: config.server.hostname,
    }
    // Last: a folder without it is a backup that did not end.
    await writeFile(join(folder, NOTE), `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 })
    return ok({ folder, files: (await readdir(folder)).sort() })
  } catch (error) {
    return fault(failed(error))
  }
}

/** For a node that is stopped. Files that are in the way are moved aside, never removed. */
export async function restoreBackup(
  config: Config,
  folder: string,
  replace: boolean,
): Promise<Result<BackupReport, AdminFault>> {
  try {
    const note = await readNote(folder)
    if (note === null) return fault({ code: 'no_backup', message: `${folder} holds no finished backup` })
    const { url } = config.store
    const database = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1]
    if ((database === undefined ? 'postgres' : 'sqlite') !== note.engine) {
      return fault({
        code: 'other_engine',
        message: `this is a backup of ${note.engine}, and store.url names another`,
      })
    }
    const secret = { from: join(folder, SECRET), to: config.server.secretFile }
    const copies =
      database === undefined ? [secret] : [{ from: join(folder, SQLITE_SNAPSHOT), to: database }, secret]
    const [present] = inTheWay(copies)
    if (present !== undefined && !replace) {
      const message = `${present} is there already; --replace moves it aside to ${present}${ASIDE}`
      return fault({ code: 'exists', message })
    }
    if (database === undefined) {
      const restored = await restoreDump(url, join(folder, POSTGRES_SNAPSHOT), replace)
      if (!restored.ok) return restored
    }
    await putBack(copies)
    return ok({ folder, files: copies.map(({ to }) => to) })
  } catch (error) {
    return fault(failed(error))
  }
}

interface Copy {
  readonly from: string
  readonly to: string
}

/** A log of the old database would be played into the new one: it goes too. */
const inTheWay = (copies: readonly Copy[]): readonly string[] =>
  copies.flatMap(({ to }) => [to, `${to}-wal`, `${to}-shm`]).filter((path) => existsSync(path))

async function putBack(copies: readonly Copy[]): Promise<void> {
  for (const path of inTheWay(copies)) await rename(path, `${path}${ASIDE}`)
  for (const { from, to } of copies) {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    await copyFile(from, `${to}.restoring`)
    await chmod(`${to}.restoring`, 0o600)
    await rename(`${to}.restoring`, to)
  }
}

async function readNote(folder: string): Promise<Note | null> {
  const path = join(folder, NOTE)
  if (!existsSync(path)) return null
  const note = JSON.parse(await readFile(path, 'utf8')) as Note
  return note.format === FORMAT ? note : null
}

const failed = (error: unknown): AdminFault => ({
  code: 'backup_failed',
  message: error instanceof Error ? error.message : String(error),
})
