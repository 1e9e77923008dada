//
// Owns: wiring backups: what they are made of, where they are kept, the clock, and letters when one fails.

import { join } from 'node:path'
import { MINUTE, type Milliseconds } from './core/time.ts'
import type { Foundation } from './foundation.ts'
import { VERSION } from './ops/version.ts'
import { standingOf } from './retaining.ts'
import { BackupKeeper, type KeeperParts } from './services/backup/keeper.ts'
import type { Sources } from './services/backup/making.ts'
import { S3Shelf } from './services/backup/s3.ts'
import type { Standing } from './services/retention/pressure.ts'
import { every } from './upkeep.ts'

const LOOK_EVERY: Milliseconds = MINUTE

type Needs = Pick<Foundation, 'clock' | 'config' | 'configFile' | 'log' | 'meter' | 'store'>

export interface Backups {
  readonly sources: Sources
  readonly keeper: BackupKeeper
  readonly path: string
  readonly standing: () => Promise<Standing>
}

export function backupsOf(
  { clock, config, configFile = null, log, meter, store }: Needs,
  alert: KeeperParts['alert'],
): Backups {
  const { backup, server } = config
  const sources: Sources = {
    store,
    secretFile: server.secretFile,
    configFile,
    tlsFolder: join(server.dataDir, 'tls'),
    hostname: server.hostname,
    version: VERSION,
  }
  const { every, keep, path, s3: url, s3Region: region, s3KeyId: keyId, s3Secret: secret } = backup
  const elsewhere = url === '' ? null : new S3Shelf({ url, region, keyId, secret })
  const keeper = new BackupKeeper({ sources, path, every, keep, elsewhere, alert, clock, log, meter })
  return { sources, keeper, path, standing: () => standingOf({ config, store }) }
}

/** What it returns ends it, also in the middle of one: nobody waits for gigabytes at SIGTERM. */
export function startBackups(foundation: Foundation, { keeper }: Backups): () => Promise<void> {
  const stop = every(
    foundation,
    () => LOOK_EVERY,
    () => keeper.turn(),
    'a backup failed; it is tried again',
  )
  return () => {
    keeper.stop()
    return stop()
  }
}
