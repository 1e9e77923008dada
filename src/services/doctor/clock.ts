//
// Owns: whether the clock is right: signatures, certificates and Date fields go by it.

import type { Diagnosis } from '../../core/diagnosis.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import { fail, fine, unknown, warn } from './say.ts'

export interface ClockFacts {
  /** Who was asked; empty: nobody shall be. */
  readonly servers: readonly string[]
  /** How far our clock is ahead of each that answered. */
  readonly ahead: readonly Milliseconds[]
}

/** Receivers allow for as much; the answer's own way is far below. */
const NOTED: Milliseconds = 5 * SECOND
/** A signature of the future is none (RFC 6376 §3.5, t=); one-time codes end to count. */
const WRONG: Milliseconds = MINUTE

const FIX = ['timedatectl set-ntp true', 'or: apt install chrony && systemctl enable --now chrony']

export function judgeClock({ ahead, servers }: ClockFacts): readonly Diagnosis[] {
  const subject = 'clock'
  if (servers.length === 0) return []
  // The middle one: a time server that is itself wrong is outvoted by two others.
  const middle = ahead.toSorted((a, b) => a - b)[Math.floor((ahead.length - 1) / 2)]
  if (middle === undefined) {
    const why = `No time server gave an answer (${servers.join(', ')}); UDP port 123 may be blocked here.`
    const fix = ['timedatectl', 'If that says "synchronized: yes", set time_servers = [] in [doctor].']
    return [unknown('clock_unchecked', { subject, why, fix })]
  }
  const off = Math.abs(middle)
  const way = middle > 0 ? 'ahead' : 'behind'
  if (off < NOTED) return [fine('clock', subject, `It is right to ${(off / 1000).toFixed(1)} s.`)]
  const said = `The clock is ${spoken(off)} ${way}`
  if (off < WRONG) {
    return [
      warn('clock_wrong', {
        subject,
        why: `${said}: Date fields and one-time codes are off by as much.`,
        fix: FIX,
      }),
    ]
  }
  const why = `${said}: receivers do not believe signatures of the future or the long past, certificates may not count, and retries come at wrong times.`
  return [fail('clock_wrong', { subject, why, fix: FIX })]
}

const spoken = (off: Milliseconds): string =>
  off < 2 * MINUTE ? `${Math.round(off / 1000)} s` : `${Math.round(off / MINUTE)} min`
