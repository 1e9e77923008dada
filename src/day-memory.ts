//
// Owns: the file in which a node keeps the day that it counts, so that it outlives a process.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from './core/ports.ts'
import type { DayMemory, KeptDay } from './services/sources/day.ts'

export const dayFileOf = ({ dataDir, node }: { readonly dataDir: string; readonly node: string }): string =>
  join(dataDir, `day-${node}.json`)

export const dayMemory = (file: string, log: Log): DayMemory => ({
  kept: () => {
    try {
      const kept: unknown = JSON.parse(readFileSync(file, 'utf8'))
      return isKeptDay(kept) ? kept : null
    } catch {
      return null
    }
  },
  keep: (day) => {
    try {
      writeFileSync(`${file}.new`, JSON.stringify(day), { mode: 0o640 })
      renameSync(`${file}.new`, file)
    } catch (error) {
      log.warn('the day that warm-up counts could not be written down', { file, error: String(error) })
    }
  },
})

const isKeptDay = (kept: unknown): kept is KeptDay =>
  typeof kept === 'object' &&
  kept !== null &&
  'boot' in kept &&
  typeof kept.boot === 'string' &&
  'day' in kept &&
  typeof kept.day === 'number' &&
  'endsAt' in kept &&
  typeof kept.endsAt === 'number'
