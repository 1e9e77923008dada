//
// Owns: the file in which a node keeps the day that it counts, and the machine's uptime beside it: what of time outlives
// a process. Linux alone tells both; elsewhere nothing is kept.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from './core/ports.ts'
import { SECOND } from './core/time.ts'
import type { DayMemory, KeptDay } from './services/sources/day.ts'

export const dayFileOf = ({ dataDir, node }: { readonly dataDir: string; readonly node: string }): string =>
  join(dataDir, `day-${node}.json`)

export const dayMemory = (file: string, log: Log): DayMemory => ({
  uptime: () => {
    try {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * SECOND
      return Number.isFinite(uptime) ? { boot, uptime } : null
    } catch {
      return null
    }
  },
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
