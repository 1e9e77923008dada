//
// Owns: the transport that delivers to a folder: one file per delivery, whole or not there.

import { mkdir, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeliveryId } from '../../core/ids.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'

/** Where a delivery is, or would be. */
export const capturedFile = (folder: string, delivery: DeliveryId): string => join(folder, `${delivery}.eml`)

export interface Captured {
  readonly delivery: DeliveryId
  readonly pieces: readonly Buffer[]
  /** Told by the file's own time: it is kept for so long from then on. */
  readonly at: Milliseconds
}

export async function capture(folder: string, { at, delivery, pieces }: Captured): Promise<string> {
  const path = capturedFile(folder, delivery)
  const unfinished = `${path}.part`
  await mkdir(folder, { recursive: true, mode: 0o750 })
  // Whole messages, sign-in codes too: for us and our group.
  await writeFile(unfinished, pieces, { mode: 0o640 })
  await utimes(unfinished, at / SECOND, at / SECOND)
  await rename(unfinished, path)
  return path
}
