//
// Owns: what is done with a backup without any store: checking it, and bringing it back from elsewhere.

import type { Config } from '../config/schema.ts'
import { fault, ok, type Result } from '../core/result.ts'
import { checkBackup, readManifest, type Step } from '../services/backup/checking.ts'
import { S3Shelf } from '../services/backup/s3.ts'
import { isBackupName } from '../services/backup/shelf.ts'
import type { AdminFault } from './admin.ts'
import { reportOf } from './backup.ts'
import type { BackupReport } from './node-rows.ts'

export async function verifyBackup(
  folder: string,
  onStep?: (step: Step) => void,
): Promise<Result<BackupReport, AdminFault>> {
  const checked = await checkBackup(folder, onStep)
  return checked.ok ? ok(reportOf(folder, checked.value)) : checked
}

export async function fetchBackup(
  { backup }: Config,
  name: string,
  folder: string,
): Promise<Result<BackupReport, AdminFault>> {
  if (backup.s3 === '') return fault({ code: 'not_configured', message: 'backup.s3 names no place' })
  if (!isBackupName(name))
    return fault({
      code: 'invalid_name',
      message: `${name} is no name of a backup; want one of mailwok backup list`,
    })
  const { s3: url, s3Region: region, s3KeyId: keyId, s3Secret: secret } = backup
  try {
    const got = await new S3Shelf({ url, region, keyId, secret }).get(name, folder)
    if (!got.ok) return got
    const manifest = await readManifest(folder)
    return manifest.ok ? ok(reportOf(folder, manifest.value)) : manifest
  } catch (error) {
    return fault({ code: 'not_fetched', message: error instanceof Error ? error.message : String(error) })
  }
}
