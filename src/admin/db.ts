//
// Owns: what is done to the store itself, without a node's parts: checking it, bringing its schema up to date, and copying
// it, for the process that does only that.

import { existsSync } from 'node:fs'
import type { Config } from '../config/schema.ts'
import { fault, ok, type Result } from '../core/result.ts'
import { type CheckAsk, checkStore, type StoreFinding } from '../store/check.ts'
import { storeFile } from '../store/open.ts'
import { copyAndTell } from '../store/sqlite/copy-process.ts'
import type { AdminFault } from './admin.ts'

/** The exit code. */
export const dbCopy = (from: string, to: string): number => copyAndTell(from, to)

export async function dbCheck(
  config: Config,
  ask: CheckAsk,
): Promise<Result<readonly StoreFinding[], AdminFault>> {
  const file = storeFile(config.store.url)
  if (file !== null && !existsSync(file))
    return fault({ code: 'no_store', message: `there is no store at ${file}` })
  try {
    return ok(await checkStore(config.store.url, ask))
  } catch (error) {
    // A file that cannot even be read is the worst finding of all.
    const say = error instanceof Error ? error.message : String(error)
    return file === null ? fault({ code: 'unavailable', message: say }) : ok([{ check: 'integrity', say }])
  }
}
