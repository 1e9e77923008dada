//
// Owns: the file that says that a restore was begun and has not ended: no node starts on half of one.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

export const restoreMark = (dataDir: string): string => join(dataDir, 'restore-under-way')

/** Null, or why nothing may be opened here. */
export const unfinishedRestore = (dataDir: string): string | null =>
  existsSync(restoreMark(dataDir))
    ? `a restore into ${dataDir} did not end: run mailwok backup restore again, with the same folder`
    : null
