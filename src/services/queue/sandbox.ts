//
// Owns: the sandbox: what becomes of mail that must not leave this machine. Pure.
// A recipient at the sandbox domain plays the outcome that its local part names (api.md, Sandbox).

import { domainOf, localPartOf } from '../../core/address.ts'
import { type ClaimedDelivery, SANDBOX_DOMAIN } from '../../core/message.ts'
import type { AttemptOutcome } from '../../core/outcome.ts'
import type { Reply } from '../../core/reply.ts'
import { parseEnhanced } from '../../core/reply.ts'

export const isSandboxed = (delivery: ClaimedDelivery): boolean =>
  delivery.mode === 'test' || delivery.destination === SANDBOX_DOMAIN

export function playSandbox(delivery: ClaimedDelivery): AttemptOutcome {
  const delivered: AttemptOutcome = { kind: 'delivered', reply: reply(250, '2.0.0 Sandbox: not sent') }
  if (domainOf(delivery.recipient) !== SANDBOX_DOMAIN) return delivered
  const said = (code: number, text: string) =>
    ({ kind: 'reply', stage: 'RCPT', reply: reply(code, text) }) as const
  switch (localPartOf(delivery.recipient)) {
    case 'bounce-hard':
      return { kind: 'bounced', hardness: 'hard', cause: said(550, '5.1.1 Sandbox: no such user') }
    case 'bounce-soft':
      return { kind: 'bounced', hardness: 'soft', cause: said(552, '5.2.2 Sandbox: mailbox full') }
    case 'defer':
      // The first attempt only: whoever tests retries wants to see the second one succeed.
      return delivery.attempts === 0
        ? { kind: 'deferred', cause: said(451, '4.3.0 Sandbox: try again later') }
        : delivered
    default:
      return delivered
  }
}

/** As the reply parser gives it: the enhanced status beside the text, not in it. */
const reply = (code: number, line: string): Reply => ({
  code,
  enhanced: parseEnhanced(line, code),
  text: line.slice(line.indexOf(' ') + 1),
})
