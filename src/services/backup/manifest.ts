//
// Owns: the note that every backup holds, and by which it is one: what it was made of, when, by which version, and the
// length and SHA-256 of each file. Reading it is suspicious: a backup may come from anywhere.

import { fault, ok, type Result } from '../../core/result.ts'

/** Written last: a folder without it is a backup that did not end. */
export const MANIFEST = 'backup.json'
export const SECRET = 'secret'
export const CONFIG = 'mailwok.toml'
/** Certificates and keys that this node keeps itself. */
export const TLS = 'tls'
/** 1 had no hashes; no release made it. */
export const FORMAT = 2

export interface BackupFile {
  /** Below the folder, with slashes. */
  readonly name: string
  readonly octets: number
  readonly sha256: string
}

export interface Manifest {
  readonly format: number
  readonly engine: 'sqlite' | 'postgres'
  readonly schema: number
  /** Of the program that made it. */
  readonly version: string
  readonly made_at: string
  readonly hostname: string
  /** Deliveries without an answer when it was made: these go out after it is restored. */
  readonly owed: number
  readonly files: readonly BackupFile[]
}

/** Whatever goes wrong with a backup, as the operator reads it. */
export interface BackupFault {
  readonly code: string
  readonly message: string
}

/** What a name may be on disk: nothing that leads out of the folder. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/

export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`

export function parseManifest(text: string): Result<Manifest, string> {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    return fault(`${MANIFEST} is no JSON: it is damaged`)
  }
  if (typeof read !== 'object' || read === null) return fault(`${MANIFEST} is no object: it is damaged`)
  const { format } = read as Partial<Manifest>
  if (typeof format === 'number' && format !== FORMAT)
    return fault(
      `${MANIFEST} has format ${format}; this release reads format ${FORMAT}: use the release that made it`,
    )
  return isManifest(read) ? ok(read) : fault(`${MANIFEST} lacks what it must say: it is damaged`)
}

function isManifest(read: object): read is Manifest {
  const { engine, files, format, hostname, made_at, owed, schema, version } = read as Manifest
  return (
    format === FORMAT &&
    (engine === 'sqlite' || engine === 'postgres') &&
    [schema, owed].every((count) => Number.isSafeInteger(count) && count >= 0) &&
    [version, made_at, hostname].every((text) => typeof text === 'string') &&
    !Number.isNaN(Date.parse(made_at)) &&
    Array.isArray(files) &&
    files.every(isFile)
  )
}

const isFile = (file: unknown): boolean => {
  if (typeof file !== 'object' || file === null) return false
  const { name, octets, sha256 } = file as BackupFile
  return (
    typeof name === 'string' &&
    NAME.test(name) &&
    Number.isSafeInteger(octets) &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256)
  )
}
