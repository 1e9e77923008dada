//
// Owns: where backups are kept by their time, in a folder of this machine: which there are, and taking the old away.

import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Milliseconds } from '../../core/time.ts'
import { readManifest } from './checking.ts'
import type { Manifest } from './manifest.ts'

const NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/
/** One that did not end, of a process that was killed. */
const PARTIAL = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.partial$/

/** `2026-11-23T02-00-00Z`: sorts by time, and is a name everywhere. */
export const nameAt = (now: Milliseconds): string =>
  new Date(now)
    .toISOString()
    .replace(/\.\d{3}Z$/, 'Z')
    .replaceAll(':', '-')

export const isBackupName = (text: string): boolean => NAME.test(text)

export interface Kept {
  readonly name: string
  readonly manifest: Manifest
}

/** The newest first; what is no finished backup is passed over. */
export async function keptIn(path: string): Promise<readonly Kept[]> {
  if (!existsSync(path)) return []
  const kept: Kept[] = []
  for (const name of (await readdir(path)).filter(isBackupName).sort().reverse()) {
    const manifest = await readManifest(join(path, name))
    if (manifest.ok) kept.push({ name, manifest: manifest.value })
  }
  return kept
}

/** Makes one under a name that says that it has not ended, and names it when it has. */
export async function addTo<T extends { readonly ok: boolean }>(
  path: string,
  name: string,
  make: (folder: string) => Promise<T>,
): Promise<T> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  for (const old of await readdir(path)) {
    if (PARTIAL.test(old)) await rm(join(path, old), { recursive: true, force: true })
  }
  const partial = join(path, `${name}.partial`)
  try {
    const made = await make(partial)
    if (made.ok) await rename(partial, join(path, name))
    return made
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

/** The newest stay. */
export async function pruneIn(path: string, keep: number): Promise<readonly string[]> {
  const old = (await keptIn(path)).slice(keep).map(({ name }) => name)
  for (const name of old) await rm(join(path, name), { recursive: true, force: true })
  return old
}
