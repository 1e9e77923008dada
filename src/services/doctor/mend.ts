//
// Owns: putting right what can be put right without a question: modes, owners, missing folders.
// Never: mail, keys, DNS, or what somebody else runs.

import { chmod, chown, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Seen } from './files.ts'

export interface Mended {
  readonly subject: string
  /** What was done, or why not. */
  readonly done: Result<string, string>
}

const OWNER_WRITES = 0o600
const OWNER_ENTERS = 0o100
const PERMISSIONS = 0o777

/** In the order of folders first; `home` is the data folder, whose owner serves. */
export async function mendFiles(seen: readonly Seen[], home: string): Promise<readonly Mended[]> {
  const mended: Mended[] = []
  for (const one of seen) {
    for (const work of worksFor(one, home)) {
      const done = await tried(work)
      // Nothing was to be done.
      if (!done.ok || done.value !== '') mended.push({ subject: one.path, done })
    }
  }
  return mended
}

type Work = () => Promise<string | null>

function worksFor({ is, kind, mode, owned, path, required }: Seen, home: string): readonly Work[] {
  if (is === null) {
    if (!required || kind !== 'folder') return []
    return [
      async () => {
        await mkdir(path, { recursive: true, mode })
        const like = await stat(dirname(path))
        if (process.getuid?.() === 0) await chown(path, like.uid, like.gid)
        return `made, mode 0${mode.toString(8)}`
      },
    ]
  }
  const least = owned ? OWNER_WRITES | (kind === 'folder' ? OWNER_ENTERS : 0) : 0
  const right = (is.mode & mode) | (least & mode)
  const works: Work[] = []
  if (right !== (is.mode & PERMISSIONS)) {
    works.push(async () => {
      await chmod(path, right)
      return `mode 0${is.mode.toString(8)} is 0${right.toString(8)} now`
    })
  }
  if (owned) works.push(() => giveBack(path, is.uid, home))
  return works
}

async function giveBack(path: string, uid: number, home: string): Promise<string | null> {
  const like = await stat(home)
  if (uid === like.uid) return null
  await chown(path, like.uid, like.gid)
  return `belongs to user ${like.uid} now`
}

async function tried(work: Work): Promise<Result<string, string>> {
  try {
    return ok((await work()) ?? '')
  } catch (error) {
    return fault(error instanceof Error && 'code' in error ? String(error.code) : String(error))
  }
}
