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
  await mkdir(folder, { recursive: true })
  await writeFile(unfinished, pieces)
  await rename(unfinished, path)
  return path
}
