//
// Owns: a peer's reply in session as a refusal that reason.ts understands.

import type { BounceReason } from '../../core/failure.ts'
import type { SmtpStage } from '../../core/outcome.ts'
import { formatEnhanced, type Reply } from '../../core/reply.ts'
import { reasonOf } from './reason.ts'
import type { SaidAt } from './refusal.ts'
import { codesIn } from './reply-codes.ts'

const SAID_AT: Readonly<Record<SmtpStage, SaidAt>> = {
  GREETING: 'connect',
  EHLO: 'connect',
  STARTTLS: 'connect',
  MAIL: 'mail',
  RCPT: 'rcpt',
  DATA: 'data',
  BODY: 'data',
}

export function reasonOfReply(stage: SmtpStage, reply: Reply): BounceReason {
  const enhanced = reply.enhanced === null ? codeInWords(reply) : formatEnhanced(reply.enhanced)
  return reasonOf({
    code: reply.code,
    detail: enhanced === null || enhanced.endsWith('.0.0') ? null : enhanced.slice(2),
    // The codes are words too: some tables go by "450 4.7.1 try again later".
    text: `${reply.code} ${reply.enhanced === null ? '' : `${enhanced} `}${reply.text}`,
    saidAt: SAID_AT[stage],
    temporary: reply.code < 500,
    remoteMta: null,
  })
}

/** Some put it behind a sign or at the end: `550 #5.1.0 Address rejected`, `no mailbox here (#5.1.1)`. */
function codeInWords({ code, text }: Reply): string | null {
  const { enhanced } = codesIn(text, null)
  return enhanced?.startsWith(String(code).slice(0, 1)) ? enhanced : null
}
