import { expect, test } from 'bun:test'
import type { Cause, SmtpStage } from '../../../src/core/outcome.ts'
import { parseEnhanced } from '../../../src/core/reply.ts'
import { judge } from '../../../src/mail/bounces/classify.ts'

/** "550 5.1.1 words" as a cause. */
function reply(stage: SmtpStage, line: string): Cause {
  const code = Number(line.slice(0, 3))
  const rest = line.slice(4)
  const enhanced = parseEnhanced(rest, code)
  const text = enhanced === null ? rest : rest.replace(/^\S+\s*/, '')
  return { kind: 'reply', stage, reply: { code, enhanced, text } }
}

test.each([
  // cause → permanent, hardness, reason, enhanced code
  [reply('GREETING', '554 no service for you'), false, 'soft', 'blocked', '4.0.0'],
  [reply('GREETING', '554 5.7.1 blocked'), false, 'soft', 'blocked', '5.7.1'],
  [reply('GREETING', '421 4.3.2 later'), false, 'soft', 'system', '4.3.2'],
  [reply('EHLO', '550 5.7.1 bad HELO'), false, 'soft', 'blocked', '5.7.1'],
  [reply('STARTTLS', '554 5.7.3 no'), false, 'soft', 'blocked', '5.7.3'],
  [reply('MAIL', '550 5.7.1 sender refused'), true, 'soft', 'sender_refused', '5.7.1'],
  [reply('MAIL', '550 sender does not exist'), true, 'soft', 'sender_refused', '5.0.0'],
  [reply('MAIL', '451 4.7.1 greylisted'), false, 'soft', 'greylisted', '4.7.1'],
  [reply('RCPT', '550 5.1.1 user unknown'), true, 'hard', 'mailbox_unknown', '5.1.1'],
  [reply('RCPT', '550 5.1.2 bad host'), true, 'hard', 'domain_unknown', '5.1.2'],
  [reply('RCPT', '553 5.1.3 bad syntax'), true, 'hard', 'mailbox_unknown', '5.1.3'],
  [reply('RCPT', '556 5.1.10 null MX'), true, 'hard', 'domain_refuses_mail', '5.1.10'],
  [reply('RCPT', '550 5.2.1 disabled'), true, 'soft', 'mailbox_disabled', '5.2.1'],
  [reply('RCPT', '550 No such user here'), true, 'hard', 'mailbox_unknown', '5.0.0'],
  [reply('RCPT', '550 rejected'), true, 'soft', 'other', '5.0.0'],
  [reply('RCPT', '554 5.7.1 Relay access denied'), true, 'soft', 'relay_denied', '5.7.1'],
  [reply('RCPT', '450 4.1.1 user unknown'), false, 'soft', 'mailbox_unknown', '4.1.1'],
  [reply('RCPT', '450 4.2.0 Greylisted'), false, 'soft', 'greylisted', '4.2.0'],
  [reply('RCPT', '452 4.2.2 over quota'), false, 'soft', 'mailbox_full', '4.2.2'],
  [reply('RCPT', '552 5.2.2 over quota'), true, 'soft', 'mailbox_full', '5.2.2'],
  [reply('RCPT', '552 too many recipients'), false, 'soft', 'rate_limited', '4.0.0'],
  [reply('RCPT', '250 but that is no failure'), false, 'soft', 'other', '4.0.0'],
  [reply('DATA', '554 no valid recipients'), true, 'soft', 'recipient_refused', '5.0.0'],
  [reply('DATA', '354 out of turn'), false, 'soft', 'other', '4.0.0'],
  [reply('BODY', '552 5.3.4 too big'), true, 'soft', 'too_large', '5.3.4'],
  [reply('BODY', '552 storage'), true, 'soft', 'mailbox_full', '5.0.0'],
  [reply('BODY', '550 5.7.26 unauthenticated'), true, 'soft', 'authentication', '5.7.26'],
  [reply('BODY', '554 this looks like spam'), true, 'soft', 'spam', '5.0.0'],
  [reply('BODY', '451 4.3.0 try again'), false, 'soft', 'system', '4.3.0'],
  [{ kind: 'network', at: 'connect', detail: 'refused' }, false, 'soft', 'network', '4.4.1'],
  [{ kind: 'network', at: 'tls', detail: 'handshake' }, false, 'soft', 'tls', '4.7.5'],
  [{ kind: 'network', at: 'dialogue', detail: 'closed' }, false, 'soft', 'network', '4.4.2'],
  [{ kind: 'uncertain', detail: 'closed after the dot' }, false, 'soft', 'uncertain', '4.4.2'],
  [{ kind: 'internal', detail: 'a bug' }, false, 'soft', 'internal', '4.3.0'],
  [{ kind: 'dns', answer: 'nxdomain' }, true, 'hard', 'domain_unknown', '5.1.2'],
  [{ kind: 'dns', answer: 'no-address' }, true, 'hard', 'domain_unknown', '5.1.2'],
  [{ kind: 'dns', answer: 'null-mx' }, true, 'hard', 'domain_refuses_mail', '5.1.10'],
  [{ kind: 'dns', answer: 'own-address' }, true, 'soft', 'routing', '5.4.6'],
  [{ kind: 'dns', answer: 'private-address' }, true, 'soft', 'routing', '5.4.4'],
  [{ kind: 'dns', answer: 'servfail' }, false, 'soft', 'dns', '4.4.3'],
  [{ kind: 'dns', answer: 'timeout' }, false, 'soft', 'dns', '4.4.3'],
  [{ kind: 'policy', rule: 'suppressed', detail: 's' }, true, 'soft', 'suppressed', '5.7.1'],
  [{ kind: 'policy', rule: 'cancelled', detail: 'c' }, true, 'soft', 'cancelled', '5.7.1'],
  [{ kind: 'policy', rule: 'expired', detail: 'e' }, true, 'soft', 'expired', '5.4.7'],
  [{ kind: 'policy', rule: 'smtputf8-required', detail: 'u' }, true, 'soft', 'content', '5.6.7'],
  [{ kind: 'policy', rule: 'too-large', detail: 'l' }, true, 'soft', 'too_large', '5.3.4'],
  [{ kind: 'policy', rule: 'content-damaged', detail: 'd' }, true, 'soft', 'internal', '5.3.0'],
  [{ kind: 'policy', rule: 'tls-required', detail: 't' }, false, 'soft', 'tls', '4.7.10'],
] satisfies readonly (readonly [Cause, boolean, string, string, string])[])(
  '%j',
  (cause: Cause, ...[permanent, hardness, reason, enhancedCode]) => {
    const { diagnostic, code, blame, remedy, ...verdict } = judge(cause)
    expect(verdict as Record<string, unknown>).toEqual({ permanent, hardness, reason, enhancedCode })
    expect(diagnostic).not.toBe('')
    expect(blame).not.toBe('')
    expect(remedy).not.toBe('')
    expect(code).toBe(cause.kind === 'reply' ? cause.reply.code : null)
  },
)

test('the diagnostic is one printable line of bounded length', () => {
  const text = `first\nsecond\u0007\u001b[31m ${'x'.repeat(5000)}`
  const { diagnostic } = judge({
    kind: 'reply',
    stage: 'RCPT',
    reply: { code: 550, enhanced: { class: 5, subject: 1, detail: 1 }, text },
  })
  expect(diagnostic.startsWith('550 5.1.1 first second [31m xxx')).toBe(true)
  expect(diagnostic.length).toBeLessThanOrEqual(1000)
})
