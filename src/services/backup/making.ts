//
// Owns: making a backup: the store's own snapshot, the master secret, the configuration and the node's own certificates
// in one folder, with the manifest at the end. A backup without the secret would be mail that nobody can sign, so they
// never part.
// Never: writes over anything: the folder is empty, or it is not there.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Store } from '../../store/store.ts'
import {
  type BackupFault,
  type BackupFile,
  CONFIG,
  FORMAT,
  MANIFEST,
  type Manifest,
  manifestText,
  SECRET,
  TLS,
} from './manifest.ts'

export interface Sources {
  readonly store: Pick<Store, 'engine' | 'queue' | 'upkeep'>
  readonly secretFile: string
  /** Null: there is none, or nobody knows which. */
  readonly configFile: string | null
  readonly tlsFolder: string
  readonly hostname: string
  readonly version: string
  /** Ends it in the middle. */
  readonly signal?: AbortSignal
}

export async function makeBackup(
  { store, ...sources }: Sources,
  folder: string,
  now: Milliseconds,
): Promise<Result<Manifest, BackupFault>> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if ((await readdir(folder)).length > 0)
      return fault({ code: 'not_empty', message: `${folder} is not empty` })
    const { held, leased, waiting } = await store.queue.overview(0)
    const files: BackupFile[] = [await store.upkeep.snapshot(folder, sources.signal)]
    // After the store: no key in it is sealed with a secret that is not in the file by then.
    files.push(await keep(folder, SECRET, sources.secretFile))
    if (sources.configFile !== null && existsSync(sources.configFile))
      files.push(await keep(folder, CONFIG, sources.configFile))
    for (const name of await filesIn(sources.tlsFolder))
      files.push(await keep(folder, `${TLS}/${name}`, join(sources.tlsFolder, name)))
    const manifest: Manifest = {
      format: FORMAT,
      engine: store.engine,
      schema: await store.upkeep.schemaVersion(),
      version: sources.version,
      made_at: new Date(now).toISOString(),
      hostname: sources.hostname,
      owed: waiting + leased + held,
      files,
    }
    await syncFolder(folder)
    await writeDurably(join(folder, MANIFEST), Buffer.from(manifestText(manifest)))
    await syncFolder(folder)
    return ok(manifest)
  } catch (error) {
    return fault({ code: 'backup_failed', message: error instanceof Error ? error.message : String(error) })
  }
}

/** These are small. What is hashed is what is written, whatever happens to the original. */
async function keep(folder: string, name: string, from: string): Promise<BackupFile> {
  const bytes = await readFile(from)
  const to = join(folder, name)
  await mkdir(dirname(to), { recursive: true, mode: 0o700 })
  await writeDurably(to, bytes)
  return { name, octets: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

async function filesIn(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return []
  const all = await readdir(folder, { recursive: true, withFileTypes: true })
  return all
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Names are only there after a power cut if their folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
