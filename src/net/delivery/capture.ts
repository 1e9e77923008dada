//
// Owns: the transport that delivers to a folder: one file per delivery, whole or not there.

import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeliveryId } from '../../core/ids.ts'

export async function capture(
  folder: string,
  delivery: DeliveryId,
  pieces: readonly Buffer[],
): Promise<string> {
  const path = join(folder, `${delivery}.eml`)
  const unfinished = `${path}.part`
  await mkdir(folder, { recursive: true })
  await writeFile(unfinished, pieces)
  await rename(unfinished, path)
  return path
}
