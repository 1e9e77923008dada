//
// Owns: backups: the store's own snapshot, the master secret and a note of what they are, in one folder.
// A backup without the secret would be mail that nobody can sign, so they never part.

import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AdminFault, BackupReport } from './admin.ts'
import type { Config } from './config/schema.ts'
import { fault, ok, type Result } from './core/result.ts'
import { SNAPSHOT_NAME } from './store/sqlite/upkeep.ts'
import type { Store } from './store/store.ts'

const SECRET = 'secret'
const NOTE = 'backup.json'
const FORMAT = 1

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

/** For a node that is stopped. What is in the way is moved aside, never removed. */
export async function restoreBackup(
  config: Config,
  folder: string,
  replace: boolean,
): Promise<Result<BackupReport, AdminFault>> {
  try {
    const note = await readNote(folder)
    if (note === null) return fault({ code: 'no_backup', message: `${folder} holds no finished backup` })
    const database = /^sqlite:(.+)$/.exec(config.store.url)?.[1]
    if (note.engine !== 'sqlite' || database === undefined) {
      const message = `this is a backup of ${note.engine}; restore ${join(folder, 'dump')} with pg_restore and copy ${SECRET} to ${config.server.secretFile}`
      return fault({ code: 'other_engine', message })
    }
    return await putBack(folder, { database, secret: config.server.secretFile, replace })
  } catch (error) {
    return fault(failed(error))
  }
}

async function putBack(
  folder: string,
  to: { readonly database: string; readonly secret: string; readonly replace: boolean },
): Promise<Result<BackupReport, AdminFault>> {
  const present = [to.database, `${to.database}-wal`, `${to.database}-shm`, to.secret].filter((it) =>
    existsSync(it),
  )
  if (present.length > 0 && !to.replace) {
    return fault({
      code: 'exists',
      message: `${present[0]} is there already; --replace moves it aside to ${present[0]}.before-restore`,
    })
  }
  for (const path of present) {
    await rm(`${path}.before-restore`, { force: true })
    await rename(path, `${path}.before-restore`)
  }
  for (const [from, path] of [
    [SNAPSHOT_NAME, to.database],
    [SECRET, to.secret],
  ] as const) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await copyFile(join(folder, from), `${path}.restoring`)
    await rename(`${path}.restoring`, path)
  }
  return ok({ folder, files: [to.database, to.secret] })
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
