//
// Owns: the sandbox: what becomes of mail that must not leave this machine. Pure.
// A recipient at the sandbox domain plays the outcome that its local part names (api.md, Sandbox).

import { type ClaimedDelivery, SANDBOX_DOMAIN } from '../../core/message.ts'
import type { AttemptOutcome } from '../../core/outcome.ts'
import type { Reply } from '../../core/reply.ts'
import { parseEnhanced } from '../../core/reply.ts'
import { type Encore, roleOf } from '../sandbox/roles.ts'
import type { QueueParts } from './parts.ts'
import { type Finished, untouched } from './settle.ts'

export const isSandboxed = (delivery: ClaimedDelivery): boolean =>
  delivery.mode === 'test' || delivery.destination === SANDBOX_DOMAIN

/** How it ends, and who is to be told once that is stored: what readers do comes after the delivery. */
export function played(
  delivery: ClaimedDelivery,
  { clock, onPlayed }: Pick<QueueParts, 'clock' | 'onPlayed'>,
): [finished: Finished, stored?: () => void] {
  const { encore, outcome } = playSandbox(delivery)
  const finished = { outcome, evidence: untouched(clock.now()) }
  return encore === null ? [finished] : [finished, () => onPlayed?.(delivery, encore)]
}

interface Play {
  readonly outcome: AttemptOutcome
  readonly encore: Encore | null
}

export function playSandbox(delivery: Pick<ClaimedDelivery, 'recipient' | 'attempts'>): Play {
  const role = roleOf(delivery.recipient)
  switch (role) {
    case 'bounce-hard':
      return ends({ kind: 'bounced', hardness: 'hard', cause: said(550, '5.1.1 Sandbox: no such user') })
    case 'bounce-soft':
      return ends({ kind: 'bounced', hardness: 'soft', cause: said(552, '5.2.2 Sandbox: mailbox full') })
    case 'defer':
      // The first attempt only: whoever tests retries wants to see the second one succeed.
      return ends(
        delivery.attempts === 0
          ? { kind: 'deferred', cause: said(451, '4.3.0 Sandbox: try again later') }
          : DELIVERED,
      )
    case null:
    case 'delivered':
      return ends(DELIVERED)
    case 'complaint':
    case 'open':
    case 'click':
    case 'unsubscribe':
      return { outcome: DELIVERED, encore: role }
    default:
      return role satisfies never
  }
}

const ends = (outcome: AttemptOutcome): Play => ({ outcome, encore: null })

/** As the reply parser gives it: the enhanced status beside the text, not in it. */
const reply = (code: number, line: string): Reply => ({
  code,
  enhanced: parseEnhanced(line, code),
  text: line.slice(line.indexOf(' ') + 1),
})

const said = (code: number, text: string) =>
  ({ kind: 'reply', stage: 'RCPT', reply: reply(code, text) }) as const

const DELIVERED: AttemptOutcome = { kind: 'delivered', reply: reply(250, '2.0.0 Sandbox: not sent') }
