//
// Owns: the transport that delivers to a folder: one file per delivery, whole or not there.

import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeliveryId } from '../../core/ids.ts'

/** Where a delivery is, or would be. */
export const capturedFile = (folder: string, delivery: DeliveryId): string => join(folder, `${delivery}.eml`)

export async function capture(
  folder: string,
  delivery: DeliveryId,
  pieces: readonly Buffer[],
): Promise<string> {
  const path = capturedFile(folder, delivery)
  const unfinished = `${path}.part`
  await mkdir(folder, { recursive: true, mode: 0o750 })
  // Whole messages, sign-in codes too: for us and our group.
  await writeFile(unfinished, pieces, { mode: 0o640 })
  await rename(unfinished, path)
  return path
}
