//
// Owns: the operator's actions on backups, of a running node or of a store opened for one command.

import type { Clock } from '../core/ports.ts'
import { fault, ok } from '../core/result.ts'
import type { BackupKeeper } from '../services/backup/keeper.ts'
import { makeBackup, type Sources } from '../services/backup/making.ts'
import type { Manifest } from '../services/backup/manifest.ts'
import type { Standing } from '../services/retention/pressure.ts'
import type { AdminActions } from './admin.ts'
import type { BackupReport } from './node-rows.ts'

export interface BackupParts {
  readonly backups: {
    readonly sources: Sources
    readonly keeper: BackupKeeper
    readonly path: string
    readonly standing: () => Promise<Standing>
  }
  readonly clock: Clock
}

type BackupActions = Pick<AdminActions, 'backupCreate' | 'backupList' | 'dbSize'>

export function backupActions({
  backups: { keeper, path, sources, standing },
  clock,
}: BackupParts): BackupActions {
  return {
    async backupCreate({ folder }) {
      if (folder === null) {
        const made = await keeper.make()
        return made.ok ? ok(reportOf(`${path}/${made.value.name}`, made.value.manifest)) : made
      }
      const made = await makeBackup(sources, folder, clock.now())
      return made.ok ? ok(reportOf(folder, made.value)) : made
    },
    async dbSize() {
      const [kinds, { used, disk }] = await Promise.all([sources.store.upkeep.kinds(), standing()])
      return ok({ kinds, used, disk_free: disk?.free ?? null })
    },
    async backupList() {
      try {
        const all = await keeper.list()
        return ok(
          all.map(({ name, manifest, ...places }) => ({
            name,
            ...places,
            made_at: manifest?.made_at ?? null,
            octets: manifest?.files.reduce((sum, file) => sum + file.octets, 0) ?? null,
            schema: manifest?.schema ?? null,
            version: manifest?.version ?? null,
          })),
        )
      } catch (error) {
        return fault({ code: 'not_listed', message: error instanceof Error ? error.message : String(error) })
      }
    },
  }
}

export const reportOf = (folder: string, manifest: Manifest): BackupReport => ({
  folder,
  files: manifest.files.map(({ name }) => name),
  made_at: manifest.made_at,
  octets: manifest.files.reduce((sum, file) => sum + file.octets, 0),
  owed: manifest.owed,
})
