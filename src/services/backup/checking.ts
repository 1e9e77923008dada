//
// Owns: whether a backup is one that can be restored: its manifest, each file's length and SHA-256, the database's own
// integrity, and that this release knows its schema.
// Never: believes a file because its name is right.

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fault, ok, type Result } from '../../core/result.ts'
import { digestOf } from '../../store/digest.ts'
import { SCHEMA_VERSION } from '../../store/migrations/migration.ts'
import { checkSnapshot, snapshotNameOf } from '../../store/snapshot-check.ts'
import {
  type BackupFault,
  type BackupFile,
  MANIFEST,
  type Manifest,
  parseManifest,
  SECRET,
} from './manifest.ts'

export type Step = { readonly at: string; readonly octets: number; readonly size: number }

export async function readManifest(folder: string): Promise<Result<Manifest, BackupFault>> {
  const path = join(folder, MANIFEST)
  if (!existsSync(path))
    return fault({ code: 'no_backup', message: `${folder} holds no finished backup: it has no ${MANIFEST}` })
  const read = parseManifest(await readFile(path, 'utf8'))
  return read.ok ? read : fault({ code: 'damaged', message: `${folder}: ${read.error}` })
}

export async function checkBackup(
  folder: string,
  onStep: (step: Step) => void = () => undefined,
): Promise<Result<Manifest, BackupFault>> {
  const read = await readManifest(folder)
  if (!read.ok) return read
  const manifest = read.value
  if (manifest.schema > SCHEMA_VERSION) return fault(newer(manifest))
  const wanted = [snapshotNameOf(manifest.engine), SECRET]
  const missing = wanted.find((name) => !manifest.files.some((file) => file.name === name))
  if (missing !== undefined) return fault(damaged(folder, `the manifest does not name ${missing}`))
  for (const file of manifest.files) {
    const wrong = await wrongWith(folder, file, onStep)
    if (wrong !== null) return fault(damaged(folder, wrong))
  }
  onStep({ at: 'the database', octets: 0, size: 0 })
  const checked = await checkSnapshot(manifest.engine, folder)
  if (checked.kind === 'unable') return fault({ code: 'not_checked', message: checked.say })
  if (checked.kind === 'damaged') return fault(damaged(folder, checked.say))
  if (checked.schema !== null && checked.schema !== manifest.schema)
    return fault(
      damaged(folder, `the database has schema ${checked.schema}, the manifest says ${manifest.schema}`),
    )
  return ok(manifest)
}

async function wrongWith(
  folder: string,
  { name, octets, sha256 }: BackupFile,
  onStep: (step: Step) => void,
): Promise<string | null> {
  const path = join(folder, name)
  if (!existsSync(path)) return `${name} is missing`
  const { size } = Bun.file(path)
  if (size !== octets) return `${name} has ${size} octets; ${octets} were written`
  let done = 0
  const digest = await digestOf(path, (more) => {
    done += more
    onStep({ at: name, octets: done, size: octets })
  })
  return digest.sha256 === sha256 ? null : `${name} is not what was written: its SHA-256 differs`
}

const damaged = (folder: string, what: string): BackupFault => ({
  code: 'damaged',
  message: `${folder} is damaged: ${what}`,
})

const newer = ({ schema, version }: Manifest): BackupFault => ({
  code: 'newer_schema',
  message: `this backup has schema ${schema} and was made by version ${version}; this release knows up to ${SCHEMA_VERSION}: install that version, then restore`,
})
