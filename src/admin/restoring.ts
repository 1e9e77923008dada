//
// Owns: putting a backup in place of a store, for a node that is stopped. Checked before anything is touched; files that
// are in the way are moved aside, never removed; a restore that was killed is begun again, and no node starts before.

import { existsSync } from 'node:fs'
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../config/schema.ts'
import { fault, ok, type Result } from '../core/result.ts'
import { checkBackup, type Step } from '../services/backup/checking.ts'
import { syncFolder, writeDurably } from '../services/backup/making.ts'
import { type Manifest, SECRET, TLS } from '../services/backup/manifest.ts'
import { restoreMark } from '../services/backup/mark.ts'
import { storeFile } from '../store/open.ts'
import { snapshotNameOf } from '../store/snapshot-check.ts'
import type { AdminFault } from './admin.ts'
import { restoreDump } from './backup-postgres.ts'
import type { BackupReport } from './node-rows.ts'

const ASIDE = '.before-restore'

export interface RestoreAsk {
  readonly folder: string
  readonly replace: boolean
  readonly onStep?: (step: Step) => void
}

export async function restoreBackup(
  config: Config,
  { folder, replace, onStep }: RestoreAsk,
): Promise<Result<BackupReport, AdminFault>> {
  try {
    const checked = await checkBackup(folder, onStep)
    if (!checked.ok) return checked
    const manifest = checked.value
    const database = storeFile(config.store.url)
    if ((database === null ? 'postgres' : 'sqlite') !== manifest.engine) {
      return fault({
        code: 'other_engine',
        message: `this is a backup of ${manifest.engine}, and store.url names another`,
      })
    }
    const copies = copiesOf(config, folder, manifest)
    const mark = restoreMark(config.server.dataDir)
    // What is in the way of one that was killed is half of that one, or was moved aside by it.
    const goesOn = existsSync(mark)
    const [present] = inTheWay(copies)
    if (present !== undefined && !replace && !goesOn) {
      const message = `${present} is there already; --replace moves it aside to ${present}${ASIDE}`
      return fault({ code: 'exists', message })
    }
    await mkdir(config.server.dataDir, { recursive: true, mode: 0o750 })
    if (!goesOn) await writeDurably(mark, Buffer.from(`${folder}\n`))
    onStep?.({ at: 'copying', octets: 0, size: 0 })
    await prepare(copies)
    if (database === null) {
      const dump = join(folder, snapshotNameOf('postgres'))
      const restored = await restoreDump(config.store.url, dump, replace)
      // In one transaction: nothing has happened.
      if (!restored.ok && !goesOn) await rm(mark, { force: true })
      if (!restored.ok) return restored
    }
    await swap(copies)
    await rm(mark, { force: true })
    await syncFolder(config.server.dataDir)
    return ok(reportOf(folder, manifest, copies))
  } catch (error) {
    return fault({ code: 'restore_failed', message: error instanceof Error ? error.message : String(error) })
  }
}

const reportOf = (folder: string, manifest: Manifest, copies: readonly Copy[]): BackupReport => ({
  folder,
  files: copies.map(({ to }) => to),
  made_at: manifest.made_at,
  octets: manifest.files.reduce((sum, file) => sum + file.octets, 0),
  owed: manifest.owed,
})

interface Copy {
  readonly from: string
  readonly to: string
}

function copiesOf({ server, store }: Config, folder: string, manifest: Manifest): readonly Copy[] {
  const database = storeFile(store.url)
  const tls = manifest.files.filter(({ name }) => name.startsWith(`${TLS}/`))
  return [
    ...(database === null ? [] : [{ from: join(folder, snapshotNameOf('sqlite')), to: database }]),
    { from: join(folder, SECRET), to: server.secretFile },
    ...tls.map(({ name }) => ({ from: join(folder, name), to: join(server.dataDir, name) })),
  ]
}

/** A log of the old database would be played into the new one: it goes too. */
const inTheWay = (copies: readonly Copy[]): readonly string[] =>
  copies.flatMap(({ to }) => [to, `${to}-wal`, `${to}-shm`]).filter((path) => existsSync(path))

/** What takes long, while everything is still as it was. */
async function prepare(copies: readonly Copy[]): Promise<void> {
  for (const { from, to } of copies) {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    await copyFile(from, restoring(to))
    const file = await open(restoring(to), 'r+')
    try {
      await file.chmod(0o600)
      await file.sync()
    } finally {
      await file.close()
    }
  }
}

/** Names alone. */
async function swap(copies: readonly Copy[]): Promise<void> {
  for (const path of inTheWay(copies)) await rename(path, freeName(`${path}${ASIDE}`))
  for (const { to } of copies) {
    await rename(restoring(to), to)
    await syncFolder(dirname(to))
  }
}

const restoring = (path: string): string => `${path}.restoring`

/** What an earlier restore moved aside stays. */
function freeName(path: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? path : `${path}.${number}`
    if (!existsSync(name)) return name
  }
}
