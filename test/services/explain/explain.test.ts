import { expect, test } from 'bun:test'
import type { FailureFacts, MailEvent } from '../../../src/core/event.ts'
import type { EventId } from '../../../src/core/ids.ts'
import type { Delivery } from '../../../src/core/message.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/core/time.ts'
import { adviceFor, REASONS } from '../../../src/mail/bounces/remedy.ts'
import type { Facts } from '../../../src/services/explain/case.ts'
import { explain } from '../../../src/services/explain/explain.ts'
import { span } from '../../../src/services/explain/words.ts'
import {
  bounced,
  complained,
  deferred,
  delivered,
  delivery,
  entry,
  explained,
  FULL,
  factsOf,
  head,
  message,
  NOBODY,
  RECIPIENT,
  RELAY,
  suppressed,
  UNKNOWN,
} from '../../support/explained.ts'

const ENDS = 'MailWok goes on until 1970-01-06 00:00:00 UTC, then it bounces.'
const OVER = 'It is not tried again.'

test.each<[string, Delivery, readonly MailEvent[], Partial<Facts>, string, string]>([
  [
    'not tried yet',
    delivery({ dueAt: 0 }),
    [],
    {},
    'It was accepted and has not been tried yet.',
    `It is due and goes as soon as its lane has room. ${ENDS}`,
  ],
  [
    'under way',
    delivery({ dueAt: 0 }),
    [],
    { isUnderWay: () => true },
    'It was accepted and has not been tried yet.',
    `An attempt is under way at this moment. ${ENDS}`,
  ],
  [
    'its lane pauses',
    delivery({ dueAt: 0 }),
    [],
    { whyWaiting: () => 'Sending to google is paused until noon.' },
    'It was accepted and has not been tried yet.',
    `It is due. Sending to google is paused until noon. ${ENDS}`,
  ],
  [
    'never tried, for a budget',
    delivery({ dueAt: HOUR }),
    [],
    { whyWaiting: () => 'It waits for the budget.' },
    'It was accepted and has not been tried yet.',
    `It is tried at 1970-01-01 01:00:00 UTC, in 59 minutes. It waits for the budget. ${ENDS}`,
  ],
  [
    'put off',
    delivery({ attempts: 1, dueAt: HOUR }),
    [deferred()],
    {},
    'One attempt was put off. The last answer was: “452 4.2.2 over quota”.',
    `It is tried again at 1970-01-01 01:00:00 UTC, in 59 minutes. ${ENDS}`,
  ],
  [
    'put off by what we met ourselves',
    delivery({ attempts: 2, dueAt: HOUR }),
    [deferred({ failure: { ...FULL, reason: 'network', diagnostic: 'connect ECONNREFUSED 192.0.2.1:25' } })],
    {},
    '2 attempts were put off. What stood in the way last: connect ECONNREFUSED 192.0.2.1:25.',
    `It is tried again at 1970-01-01 01:00:00 UTC, in 59 minutes. ${ENDS}`,
  ],
  [
    'put off by a relay',
    delivery({ attempts: 1, dueAt: HOUR }),
    [deferred({ peer: RELAY })],
    {},
    'One attempt was put off. The last answer, of the relay smtp.example.org, was: “452 4.2.2 over quota”.',
    `It is tried again at 1970-01-01 01:00:00 UTC, in 59 minutes. ${ENDS}`,
  ],
  [
    'delivered',
    delivery({ state: 'delivered', attempts: 2 }),
    [deferred(), delivered()],
    {},
    'mx.example.net took it 2 seconds after it was accepted here, at attempt 2, and answers for it from then on.',
    'Nothing more, unless the receiver sends it back or the recipient complains.',
  ],
  [
    'untracked',
    delivery({ state: 'delivered', attempts: 1 }),
    [delivered({ untracked: 'no host' })],
    {},
    'mx.example.net took it 2 seconds after it was accepted here, and answers for it from then on. Opens and clicks are not counted: no host.',
    'Nothing more, unless the receiver sends it back or the recipient complains.',
  ],
  [
    'taken by a relay',
    delivery({ state: 'delivered', attempts: 1 }),
    [delivered({ peer: RELAY, elapsed: 40 })],
    {},
    'The relay smtp.example.org took it 40 ms after it was accepted here, and passes it on.',
    'Nothing more, unless the receiver sends it back or the recipient complains.',
  ],
  [
    'never left',
    delivery({ state: 'delivered', attempts: 1 }),
    [delivered({ peer: NOBODY, response: 'written to a file', elapsed: 3 })],
    {},
    'It was counted as delivered 3 ms after it was accepted here, without a receiver: “written to a file”. Nothing left this machine.',
    'Nothing more, unless the receiver sends it back or the recipient complains.',
  ],
  [
    'complained about',
    delivery({ state: 'delivered', attempts: 1 }),
    [delivered(), complained],
    { suppressions: [entry({ scope: 'marketing', reason: 'complaint', expiresAt: null })] },
    'It was delivered, and on 1970-01-01 01:00:00 UTC the recipient reported it as unwanted (abuse, says yahoo.com).',
    'Nothing more. The address is on the suppression list (marketing mail) for ever.',
  ],
  [
    'bounced hard',
    delivery({ state: 'bounced', attempts: 1 }),
    [bounced()],
    { suppressions: [entry()] },
    'The receiver refused it for good, because the address cannot be used. It said: “550 5.1.1 No such user”.',
    `${OVER} The address is on the suppression list (all mail) until 1970-06-30 00:00:00 UTC.`,
  ],
  [
    'bounced soft',
    delivery({ state: 'bounced', attempts: 1 }),
    [bounced({ failure: { ...FULL, reason: 'spam', diagnostic: '554 5.7.1 SPAM' } })],
    { suppressions: [entry({ eventId: null, reason: 'manual' })] },
    'The receiver refused it for good. It said: “554 5.7.1 SPAM”.',
    OVER,
  ],
  [
    'refused by a relay',
    delivery({ state: 'bounced', attempts: 1 }),
    [bounced({ peer: RELAY })],
    {},
    'The relay smtp.example.org refused it for good, because the address cannot be used. It said: “550 5.1.1 No such user”.',
    OVER,
  ],
  [
    'nobody was asked',
    delivery({ state: 'bounced', attempts: 1 }),
    [
      bounced({
        peer: NOBODY,
        failure: { ...UNKNOWN, reason: 'domain_unknown', diagnostic: 'the domain does not exist' },
      }),
    ],
    {},
    'It cannot be delivered: the domain does not exist.',
    OVER,
  ],
  [
    'sent back later',
    delivery({ state: 'bounced', attempts: 1 }),
    [delivered(), bounced({ late: true })],
    {},
    'The receiver took it first and sent it back later. It said: “550 5.1.1 No such user”.',
    OVER,
  ],
  [
    'expired',
    delivery({ state: 'bounced', attempts: 9 }),
    [bounced({ failure: { ...FULL, reason: 'expired' } })],
    {},
    'It could not be delivered in the time allowed. The last answer was: “452 4.2.2 over quota”.',
    OVER,
  ],
  [
    'expired behind a pause',
    delivery({ state: 'bounced', attempts: 0 }),
    [
      bounced({
        peer: NOBODY,
        failure: { ...FULL, reason: 'expired', diagnostic: 'not delivered in the time allowed' },
      }),
    ],
    {},
    'It could not be delivered in the time allowed. It was never tried.',
    OVER,
  ],
  [
    'suppressed',
    delivery({ state: 'suppressed' }),
    [suppressed],
    { suppressions: [entry({ eventId: 'evt_7' as EventId })] },
    `It was not sent: ${RECIPIENT} is on the suppression list (all mail) since 1970-01-01 00:00:00 UTC, because mail to it came back (hard_bounce, event evt_7). The entry says: “550 5.1.1 No such user”.`,
    OVER,
  ],
  [
    'suppressed by an entry that is gone',
    delivery({ state: 'suppressed', attempts: 1 }),
    [deferred(), suppressed],
    {},
    `It was not sent after 1 attempt that was put off: ${RECIPIENT} is on the suppression list (all mail) since 1970-01-01 00:00:00 UTC, because mail to it came back (hard_bounce).`,
    OVER,
  ],
  [
    'held',
    delivery({ state: 'held', attempts: 1 }),
    [deferred()],
    {},
    'It was set aside: by `mailwok queue hold`, with a revoked key, or because its stored content is damaged.',
    'It waits for the operator, however long that takes.',
  ],
  [
    'cancelled',
    delivery({ state: 'cancelled', attempts: 2 }),
    [deferred(), { ...head(MINUTE), type: 'email.cancelled', reason: 'dropped by the operator' }],
    {},
    'It was cancelled after 2 attempts that were put off: dropped by the operator.',
    OVER,
  ],
])('%s', (_, ...[one, events, more, happened, next]) => {
  const told = explained(one, events, more)
  expect(told.what_happened).toBe(happened)
  expect(told.what_happens_next).toBe(next)
})

test('every reason has its words: at fault, and something to do', () => {
  for (const reason of REASONS) {
    const { blame, remedy } = adviceFor(reason, null)
    const failure: FailureFacts = { ...FULL, reason, blame, remedy }
    const told = explained(delivery({ attempts: 1, dueAt: HOUR }), [deferred({ failure })])
    expect(told.at_fault).toMatchObject({ reason, blame })
    expect(told.at_fault?.in_words).toMatch(/^The fault lies with [^.]+\.$/)
    expect(told.what_to_do).toBe(remedy)
  }
})

test('old trouble is no fault of what was delivered, held or cancelled', () => {
  for (const state of ['delivered', 'held', 'cancelled'] as const) {
    expect(explained(delivery({ state, attempts: 1 }), [deferred()]).at_fault).toBeNull()
  }
})

test('what is suppressed or held says how to go on', () => {
  expect(explained(delivery({ state: 'suppressed' }), [suppressed]).what_to_do).toContain(
    `mailwok suppression remove ${RECIPIENT}`,
  )
  expect(explained(delivery({ state: 'held' }), []).what_to_do).toContain(
    `mailwok queue release --message ${message.id}`,
  )
})

test('the summary counts recipients by their end', () => {
  const three = (['delivered', 'delivered', 'held'] as const).map((state) => delivery({ state }))
  expect(explain({ ...factsOf(delivery({}), []), deliveries: three }).summary).toBe(
    '3 recipients: 2 delivered and 1 held.',
  )
  expect(explain(factsOf(delivery({ state: 'bounced' }), [])).summary).toBe('1 recipient, bounced.')
})

test.each([
  [0, 'no time'],
  [40, '40 ms'],
  [1500, '1 second'],
  [61 * SECOND, '1 minute and 1 second'],
  [2 * HOUR, '2 hours'],
  [DAY + 3 * HOUR + MINUTE, '1 day and 3 hours'],
])('%i ms are %s', (of, words) => expect(span(of)).toBe(words))

test('what came back and is complained of says both, and who is at fault for which', () => {
  const back = bounced({ failure: UNKNOWN, late: true })
  const told = explained(delivery({ state: 'bounced' }), [delivered(), back, complained])
  expect(told.what_happened).toStartWith(
    'The receiver took it first and sent it back later. It said: “550 5.1.1 No such user”. On 1970-01-01 ',
  )
  expect(told.what_happened).toContain(' the recipient reported it as unwanted (')
  expect(told.what_to_do).toBe(
    `${UNKNOWN.remedy} Do not write to this address again unless its owner asks for it.`,
  )
})

test('a remedy names the account where it is not the usual one', () => {
  const told = explained(delivery({ state: 'suppressed' }), [suppressed], { account: 'customer' })
  expect(told.what_to_do).toContain(`mailwok suppression remove ${RECIPIENT} --account customer\``)
})

test.each(['list:news', 'marketing'] as const)('who left %s stays away from all else', (scope) => {
  const by = { reason: 'unsubscribe', scope, since: 0 } as const
  const left = { ...suppressed, type: 'email.suppressed', reason: 'left', by } as const
  const told = explained(delivery({ state: 'suppressed' }), [left], { account: 'customer' })
  expect(told.what_to_do).toContain(`remove ${RECIPIENT} --scope ${scope} --account customer\``)
})
