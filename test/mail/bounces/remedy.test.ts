import { expect, test } from 'bun:test'
import type { SmtpStage } from '../../../src/core/outcome.ts'
import { judge } from '../../../src/mail/bounces/classify.ts'
import { adviceFor, REASONS, remedyWhenOver } from '../../../src/mail/bounces/remedy.ts'
import { replyCause } from '../../support/bounce-replies.ts'

const verdictOf = (stage: SmtpStage, line: string) => judge(replyCause(stage, line))

test.each([
  [
    'MAIL',
    '550 5.7.606 Access denied, banned sending IP [192.0.2.1]. Visit https://sender.office.com/',
    'https://sender.office.com/',
  ],
  [
    'MAIL',
    "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent (S3150) [x.prod.protection.outlook.com]",
    'https://olcsupport.office.com/',
  ],
  [
    'MAIL',
    "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent (S3140) [x.prod.protection.outlook.com]",
    'snds',
  ],
  [
    'BODY',
    '421 4.7.28 Gmail has detected an unusual rate of unsolicited mail a1 - gsmtp',
    'https://postmaster.google.com/',
  ],
  [
    'GREETING',
    '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints; see https://postmaster.yahooinc.com/error-codes',
    'https://senders.yahooinc.com/',
  ],
  [
    'BODY',
    '554 5.7.1 [HM08] Message rejected due to local policy. https://support.apple.com/en-us/HT204137',
    'https://support.apple.com/102322',
  ],
  [
    'GREETING',
    '554 IP address is black listed. https://postmaster.gmx.net/en/error-messages?ip=192.0.2.1',
    'https://postmaster.web.de/',
  ],
  [
    'GREETING',
    '554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org',
    'https://check.spamhaus.org/',
  ],
  ['GREETING', '554 5.7.1 blocked using b.barracudacentral.org', 'https://www.barracudacentral.org/'],
  [
    'GREETING',
    '550 blocked, see https://csi.cloudmark.com/reset-request/?ip=192.0.2.1',
    'https://csi.cloudmark.com/',
  ],
  [
    'GREETING',
    '554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1',
    'https://ipcheck.proofpoint.com/',
  ],
  [
    'GREETING',
    '554 5.7.1 blocked, poor reputation at talosintelligence.com',
    'https://talosintelligence.com/',
  ],
] as const)('%s %s: the remedy leads to %s', (stage, line, page) => {
  const { blame, remedy, hardness } = verdictOf(stage, line)
  expect(remedy).toContain(page)
  expect(hardness).toBe('soft')
  expect(['reputation', 'receiver', 'content']).toContain(blame)
})

test('an unknown mailbox is not answered with a postmaster’s page', () => {
  const { remedy } = verdictOf(
    'RCPT',
    '550 5.1.1 does not exist. https://support.google.com/mail/?p=NoSuchUser a1 - gsmtp',
  )
  expect(remedy).toBe(adviceFor('mailbox_unknown', null).remedy)
})

test('every remedy is a sentence that a person can act on', () => {
  for (const reason of REASONS) {
    const { remedy } = adviceFor(reason, null)
    expect([reason, /^(?:[A-Z]|`mailwok)/.test(remedy), remedy.endsWith('.')]).toEqual([reason, true, true])
  }
})

test.each([
  ['RCPT', '550 4.7.28 rate limit exceeded', 'Send it again later'],
  ['RCPT', '450 4.7.28 rate limit exceeded', 'Nothing to do'],
  ['BODY', '554 5.3.0 internal server error', 'Send it again later'],
] as const)('%s %s: nobody is told to wait for what is over', (stage, line, start) => {
  expect(verdictOf(stage, line).remedy).toStartWith(start)
})

test('what is over never says that it is tried again', () => {
  for (const reason of REASONS) {
    const over = remedyWhenOver(reason) ?? adviceFor(reason, null).remedy
    expect([reason, /tried again|nothing to do yet|tries again/i.test(over)]).toEqual([reason, false])
  }
})

test.each([
  ['relay-auth', '[[relay]]'],
  ['requiretls-unsupported', 'REQUIRETLS'],
  ['smtputf8-required', 'ASCII'],
] as const)('our own refusal %s says %s', (rule, words) => {
  expect(judge({ kind: 'policy', rule, detail: 'as it is' }).remedy).toContain(words)
})
