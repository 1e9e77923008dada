import { expect, test } from 'bun:test'
import type { Domain, Mailbox } from '../../../src/core/address.ts'
import type { Content } from '../../../src/core/content.ts'
import type { AccountId, MessageId } from '../../../src/core/ids.ts'
import type { MessageWishes, Stream } from '../../../src/core/message.ts'
import type { Submission } from '../../../src/core/submission.ts'
import { coverHeader } from '../../../src/mail/dkim/header.ts'
import { ADDRESS_MARK, URL_MARK, wayOutTail } from '../../../src/mail/tracking/way-out.ts'
import { listFields } from '../../../src/services/submission/list-fields.ts'
import type { SenderFacts } from '../../../src/services/submission/policy.ts'

const WAYS = { baseFor: (domain: Domain) => `https://track.${domain}`, host: 'mail.example.net' as Domain }
const TRACKING = {} as Extract<SenderFacts, { kind: 'verified' }>
const VERIFIED: SenderFacts = { ...TRACKING, kind: 'verified', signingDomain: 'example.com' as Domain }
const UNKNOWN = { kind: 'unknown' } as SenderFacts

interface Case {
  readonly stream?: Stream
  readonly wishes?: MessageWishes
  readonly header?: string
  readonly from?: string
  readonly sender?: SenderFacts
}

function fieldsOf({
  stream = 'marketing',
  wishes = {},
  header = '',
  from = 'ann@example.com',
  sender,
}: Case) {
  const content: Content = {
    kind: 'composed',
    parts: { header: `From: ${from}\r\n${header}`, text: 'x', html: null, attachments: [] },
  }
  const submission = {
    id: 'msg_mfxy1234z0ab' as MessageId,
    source: 'api',
    submitter: { accountId: 'acc_1' as AccountId, keyId: null, mode: 'live' },
    from: from as Mailbox,
    fromDomain: from.slice(from.lastIndexOf('@') + 1) as Domain,
    content,
    options: { stream, wishes },
  } as Submission
  return listFields(submission, sender ?? VERIFIED, WAYS)
}

test('mail of no list, and not for many, gets none', () => {
  expect(fieldsOf({ stream: 'transactional' })).toBe('')
  expect(fieldsOf({ stream: 'transactional', wishes: { list: 'news' } })).toBe('')
})

test('a way out of ours, with marks for each copy', () => {
  const url = `https://track.example.com/u/${URL_MARK}${wayOutTail('news.weekly')}`
  const mailto = `mailto:unsub+${ADDRESS_MARK}@bounce.example.com?subject=unsubscribe`
  expect(fieldsOf({ wishes: { unsubscribe: true, list: 'news.weekly' } })).toBe(
    `List-Unsubscribe: <${url}>,\r\n <${mailto}>\r\n` +
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n' +
      'List-Id: "news.weekly" <news.weekly.example.com>\r\n' +
      `List-Help: <${url}>\r\n`,
  )
})

test('without a list it is marketing, and without a verified domain mail comes to our own host', () => {
  const fields = fieldsOf({ wishes: { unsubscribe: true }, sender: UNKNOWN })
  expect(fields).toContain(`/u/${URL_MARK}>`)
  expect(fields).toContain(`${ADDRESS_MARK}@mail.example.net?`)
  expect(fields).toContain('List-Id: "marketing" <marketing.example.com>\r\n')
})

test('what the sender wrote stands alone', () => {
  const own = 'LIST-UNSUBSCRIBE: <https://a.example/u>\r\nList-Id: <x.example.com>\r\n'
  expect(fieldsOf({ header: own, from: 'a+b%c@example.com' })).toBe(
    'List-Help: <mailto:a+b%25c@example.com?subject=help>\r\n',
  )
  expect(fieldsOf({ header: `${own}List-Help: <mailto:a@b.example>\r\n` })).toBe('')
  const withUs = fieldsOf({ header: own, wishes: { unsubscribe: true } })
  expect(withUs).not.toContain('List-Unsubscribe')
})

test('no line is longer than RFC 5322 §2.1.1 allows, and signatures cover every field', () => {
  const label = 'x'.repeat(64)
  const from = `a@${'y'.repeat(60)}.${'z'.repeat(60)}.example.com`
  const fields = fieldsOf({ wishes: { unsubscribe: true, list: label }, from })
  for (const line of fields.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998)
  const { names } = coverHeader(Buffer.from(`From: ${from}\r\n${fields}`))
  expect(names).toEqual(
    expect.arrayContaining(['List-Unsubscribe', 'List-Unsubscribe-Post', 'List-Id', 'List-Help']),
  )
})
