//
// Owns: what a failure says about how hard we press: the shaper slows down, stops or waits by it. Pure.
// Never: how much slower, or for how long (services/queue).

import type { Cause, SmtpStage } from '../../core/outcome.ts'
import { judge, type Verdict } from './classify.ts'

/**
 * `slow-down`: too much in too little time. `too-many-connections`: fewer at once. `blocked`: this source is not
 * wanted there; a probe now and then is enough. `unreachable`: nobody answers; says nothing of the recipient.
 */
export type Pressure = 'none' | 'slow-down' | 'too-many-connections' | 'blocked' | 'unreachable'

const BEFORE_MAIL: ReadonlySet<SmtpStage> = new Set(['GREETING', 'EHLO'])

export function pressureOf(cause: Cause): Pressure {
  if (cause.kind === 'network')
    return cause.at === 'connect' || cause.at === 'dialogue' ? 'unreachable' : 'none'
  if (cause.kind !== 'reply') return 'none'
  const { code, enhanced } = cause.reply
  const told = pressureOfVerdict(judge(cause))
  // X.2.y speaks of one mailbox that gets too much, X.5.3 of recipients in one transaction: not of our pace.
  const ofOne = enhanced?.subject === 2 || (enhanced?.subject === 5 && enhanced.detail === 3)
  if (told === 'slow-down' && ofOne && code !== 421) return 'none'
  if (told !== 'none') return told
  // Refused before MAIL: 5yz does not want this source, 4yz takes nothing from anybody now.
  if (BEFORE_MAIL.has(cause.stage) && code >= 400) return code >= 500 ? 'blocked' : 'unreachable'
  // RFC 5321 §3.8: 421 closes the channel; whatever the reason, more at once would not help.
  return code === 421 ? 'slow-down' : 'none'
}

export function pressureOfVerdict(verdict: Pick<Verdict, 'reason'>): Pressure {
  switch (verdict.reason) {
    case 'rate_limited':
      return 'slow-down'
    case 'too_many_connections':
      return 'too-many-connections'
    case 'blocked':
    case 'reputation':
      return 'blocked'
    default:
      return 'none'
  }
}
