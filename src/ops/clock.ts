//
// Owns: the clock of the host, as core/ports wants it.

import { readFileSync } from 'node:fs'
import type { Clock } from '../core/ports.ts'
import { SECOND } from '../core/time.ts'

export const systemClock = (): Clock => ({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (wait, then) => {
    const timer = setTimeout(then, Math.min(Math.max(0, wait), MAX_WAIT))
    return () => clearTimeout(timer)
  },
  uptime: () => {
    try {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * SECOND
      return Number.isFinite(uptime) ? { boot, uptime } : null
    } catch {
      return null
    }
  },
})

/** setTimeout fires at once when given more than 2^31 - 1. Who waits for weeks asks again. */
const MAX_WAIT = 2 ** 31 - 1
