import { expect, test } from 'bun:test'
import type { Domain, Mailbox } from '../../../src/core/address.ts'
import type { Content } from '../../../src/core/content.ts'
import type { AccountId, MessageId } from '../../../src/core/ids.ts'
import type { Submission } from '../../../src/core/submission.ts'
import { readFeedbackToken } from '../../../src/mail/tracking/feedback.ts'
import {
  feedbackFields,
  feedbackMarks,
  withFields,
} from '../../../src/services/submission/feedback-fields.ts'
import type { SenderFacts } from '../../../src/services/submission/policy.ts'

const KEY = Buffer.alloc(32, 1)
const MARKS = feedbackMarks(KEY, 'mail.example.net')
const ID = 'msg_mfxy1234z0ab' as MessageId
const VERIFIED: SenderFacts = { kind: 'verified', signingDomain: 'example.com' as Domain }

const submitted = (header: string): Content => ({
  kind: 'submitted',
  bytes: Buffer.from(`${header}\r\nFeedback-ID: in the body\r\n`),
})
const composed = (header: string): Content => ({
  kind: 'composed',
  parts: { header, text: 'x', html: null, attachments: [] },
})

function fieldsOf(content: Content, sender: SenderFacts = VERIFIED, from = 'example.com'): readonly string[] {
  const submission: Submission = {
    id: ID,
    source: 'api',
    submitter: { accountId: 'acc_1' as AccountId, keyId: null, mode: 'live' },
    reversePath: null,
    forwardPaths: [],
    dsn: new Map(),
    from: `a@${from}` as Mailbox,
    fromDomain: from as Domain,
    subject: '',
    content,
    options: {
      stream: 'marketing',
      tags: [],
      custom: null,
      trackOpens: false,
      trackClicks: false,
      expiresAfter: null,
      idempotency: null,
      campaign: null,
      pool: null,
      wishes: {},
    },
  }
  return feedbackFields(submission, sender, MARKS).split('\r\n').slice(0, -1)
}

const FROM = 'From: a@example.com\r\n'

test.each([
  ['submitted', submitted(FROM)],
  ['composed', composed(FROM)],
])('a %s message names itself by a token that is ours', (_, content) => {
  const [feedback = '', cfbl = '', address, ...rest] = fieldsOf(content)
  expect(feedback).toMatch(/^Feedback-ID: f\w{12}-\w{20}:acc_1:marketing:\w{12}$/)
  expect(cfbl).toMatch(/^CFBL-Feedback-ID: f\w{12}-\w{20}$/)
  expect(address).toBe('CFBL-Address: fbl@bounce.example.com; report=arf')
  expect(rest).toEqual([])
  for (const field of [feedback, cfbl]) expect(readFeedbackToken(field, [KEY])).toBe(ID)
})

test.each([
  ['a Feedback-ID', 'feedback-id: mine\r\n', ['CFBL-Feedback-ID', 'CFBL-Address']],
  ['a CFBL-Address', 'CFBL-Address: me@example.com\r\n', ['Feedback-ID']],
  ['a CFBL-Feedback-ID', 'Cfbl-Feedback-Id: 1\r\n', ['Feedback-ID']],
])('%s of the client stays alone', (_, field, names) => {
  for (const content of [submitted(field + FROM), composed(field + FROM)]) {
    expect(fieldsOf(content).map((line) => line.split(':')[0] ?? '')).toEqual(names)
  }
})

test.each<[string, SenderFacts, string]>([
  [
    'not verified',
    { kind: 'unverified', signingDomain: 'example.com' as Domain, missing: [] },
    'example.com',
  ],
  ['below the verified one', VERIFIED, 'news.example.com'],
  ['unknown', { kind: 'unknown' }, 'example.com'],
])('no address is named for a domain that is %s (RFC 9477 section 3.1)', (_, sender, from) => {
  expect(fieldsOf(submitted(FROM), sender, from).join()).not.toContain('CFBL-Address')
})

test('what is prepended moves nothing', () => {
  const content = submitted(FROM)
  const marked = withFields(content, 'X: 1\r\n')
  if (marked.kind !== 'submitted' || content.kind !== 'submitted') throw new Error(marked.kind)
  expect(Buffer.from(marked.bytes).toString()).toBe(`X: 1\r\n${Buffer.from(content.bytes).toString()}`)
})
