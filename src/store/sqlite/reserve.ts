//
// Owns: the reserve file beside the database: room that is given up when the disk is full, so that what came of mail
// already accepted can still be written (F4). While it is given up, new mail is refused.
// Never: made or remade on the writer thread; the side thread does it while nothing waits.

import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { sizeOf } from './checkpoint.ts'

/** Room for some 10,000 settlements and the checkpoint that frees the WAL again. */
const RESERVE_BYTES = 16 * 1024 * 1024
/** Remade only when this much is free, or it would take back at once the room it has just given. */
const REMAKE_FROM_BYTES = 4 * RESERVE_BYTES

const nameOf = (path: string): string => `${path}-reserve`

export const hasReserve = (path: string): boolean => sizeOf(nameOf(path)) === RESERVE_BYTES

/** True if there was something to give up. */
export function giveUpReserve(path: string): boolean {
  if (!existsSync(nameOf(path))) return false
  rmSync(nameOf(path), { force: true })
  return true
}

export function keepReserve(path: string): void {
  if (hasReserve(path)) return
  const disk = statfsSync(dirname(path))
  if (disk.bavail * disk.bsize < REMAKE_FROM_BYTES) return
  const file = openSync(nameOf(path), 'w', 0o600)
  try {
    // Written, not only sized: a hole in a file holds no room. Zeros of a whole megabyte at a time.
    const zeros = new Uint8Array(1024 * 1024)
    for (let written = 0; written < RESERVE_BYTES; ) written += writeSync(file, zeros)
    fsyncSync(file)
  } catch {
    // The disk filled up meanwhile: half a reserve only takes room away.
    rmSync(nameOf(path), { force: true })
  } finally {
    closeSync(file)
  }
}
