//
// Owns: whether the files that hold mail and secrets are there, belong to who serves, and are closed to others.

import { constants } from 'node:fs'
import { access, readFile, stat } from 'node:fs/promises'
import type { Diagnosis } from '../../core/diagnosis.ts'
import { fail, fine, warn } from './say.ts'

export interface Wanted {
  readonly path: string
  readonly kind: 'folder' | 'file'
  /** For people. */
  readonly what: string
  /** The most that may be allowed. */
  readonly mode: number
  /** It must be there. */
  readonly required: boolean
  /** Whoever reads it could act as us. */
  readonly secret: boolean
  /** Of whoever serves; root's own files, such as the configuration, may be root's. */
  readonly owned: boolean
}

export interface Seen extends Wanted {
  /** Null: there is none. */
  readonly is: { readonly mode: number; readonly uid: number; readonly gid: number } | null
  readonly writable: boolean
}

export interface FileFacts {
  readonly seen: readonly Seen[]
  /** As whom this process runs. */
  readonly uid: number
  /** Most open files of the node; null where none runs. */
  readonly openFiles: number | null
  /** A store stands, and the secret with which its keys are sealed does not. */
  readonly secretLost: string | null
}

/** Each connection is one, both ways; systemd's unit allows far more. */
const FEW_OPEN_FILES = 4096
const PERMISSIONS = 0o777

export async function seeFile(wanted: Wanted): Promise<Seen> {
  const about = await stat(wanted.path).catch(() => null)
  const writable = await access(wanted.path, constants.W_OK).then(
    () => true,
    // EROFS is the disk's trouble.
    (error: unknown) => error instanceof Error && 'code' in error && error.code === 'EROFS',
  )
  return {
    ...wanted,
    is: about === null ? null : { mode: about.mode & PERMISSIONS, uid: about.uid, gid: about.gid },
    writable,
  }
}

/** proc(5); null where the system does not tell. */
export async function openFilesOf(pid: number | 'self'): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/limits`, 'utf8').catch(() => '')
  const most = /^Max open files\s+(\d+|unlimited)/m.exec(text)?.[1]
  return most === undefined ? null : most === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(most)
}

export function judgeFiles(facts: FileFacts): readonly Diagnosis[] {
  const { openFiles, secretLost, seen, uid } = facts
  const [home] = seen
  const owner = home?.is?.uid ?? uid
  const found = seen.flatMap((one) => judgeOne(one, owner, uid))
  if (secretLost !== null) {
    const why = `${secretLost} is gone, and the store is there: its DKIM keys and webhook secrets were sealed with it. A start would make another one, with which they cannot be opened.`
    const fix = [
      `Put ${secretLost} back out of a backup before the next start:`,
      'mailwok backup restore FOLDER --replace',
    ]
    found.push(fail('master_secret_lost', { subject: secretLost, why, fix }))
  }
  if (openFiles !== null && openFiles < FEW_OPEN_FILES) {
    const why = `The node may open ${openFiles} files and connections at once; with many receivers that is soon used up.`
    found.push(
      warn('open_files_few', {
        subject: 'LimitNOFILE',
        why,
        fix: ['systemctl edit mailwok', '[Service]', 'LimitNOFILE=65536'],
      }),
    )
  }
  return found.length > 0
    ? found
    : [fine('files', home?.path ?? '', 'All files are there, and closed to others.')]
}

function judgeOne(one: Seen, owner: number, uid: number): readonly Diagnosis[] {
  const { is, kind, mode, path, required, secret, what } = one
  if (is === null) {
    if (!required) return []
    const why = `${path} (${what}) is not there.`
    const fix =
      kind === 'folder'
        ? [`install -d -m ${octal(mode)} -o mailwok -g mailwok ${path}`]
        : [`Put ${path} there, or mend the key that names it.`]
    return [fail('folder_missing', { subject: path, why, fix, mendable: kind === 'folder' })]
  }
  const found: Diagnosis[] = []
  if ((is.mode & ~mode & PERMISSIONS) !== 0) {
    const why = `${path} (${what}) has mode ${octal(is.mode)}: ${secret ? 'others of this machine can read it and act as this server' : 'others of this machine can read what is in it'}; want ${octal(mode)} at most.`
    const trouble = { subject: path, why, fix: [`chmod ${octal(mode)} ${path}`], mendable: true }
    found.push(secret ? fail('file_too_open', trouble) : warn('file_too_open', trouble))
  }
  if (one.owned && is.uid !== owner) {
    const why = `${path} (${what}) belongs to user ${is.uid} and its folder to ${owner}: whoever serves cannot write it. That comes of a command run as root beside the service.`
    found.push(
      fail('file_foreign', {
        subject: path,
        why,
        fix: [`chown --reference=${folderOf(path)} ${path}`],
        mendable: true,
      }),
    )
  } else if (one.owned && is.uid === uid && !one.writable) {
    const why = `${path} (${what}) cannot be written by its own owner (mode ${octal(is.mode)}).`
    found.push(
      fail('folder_not_writable', {
        subject: path,
        why,
        fix: [`chmod u+rw${kind === 'folder' ? 'x' : ''} ${path}`],
        mendable: true,
      }),
    )
  }
  return found
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

const octal = (mode: number): string => `0${mode.toString(8).padStart(3, '0')}`
