import { expect, test } from 'bun:test'
import type { Mailbox } from '../../../src/core/address.ts'
import type { Delivery } from '../../../src/core/message.ts'
import { DAY } from '../../../src/core/time.ts'
import type { Facts } from '../../../src/services/explain/case.ts'
import { messageWith } from '../../store/contract/samples.ts'
import { bounced, delivered, delivery, explained } from '../../support/explained.ts'

const OVER = 'It is not tried again.'

const submitted = messageWith({
  createdAt: 0,
  expiresAt: 5 * DAY,
  source: 'smtp',
  reversePath: 'shop@example.com' as Mailbox,
})

test.each<[string, Delivery['dsn'], Partial<Facts>, string]>([
  ['asked for', { notify: ['FAILURE', 'DELAY'] }, {}, 'A report of it goes by mail to shop@example.com.'],
  ['not asked for', null, {}, 'Its submitter gets no report of it by mail: none was asked for (NOTIFY).'],
  [
    'not asked for, and always sent',
    null,
    { reporting: { mode: 'always', isOwnAddress: true } },
    'A report of it goes by mail to shop@example.com.',
  ],
  [
    'not wanted',
    { notify: ['NEVER'] },
    { reporting: { mode: 'always', isOwnAddress: true } },
    'Its submitter gets no report of it by mail, as was wished (NOTIFY=NEVER).',
  ],
  [
    'switched off',
    { notify: ['FAILURE'] },
    { reporting: { mode: 'never', isOwnAddress: true } },
    'Its submitter gets no report of it by mail: submission.bounce_messages is "never".',
  ],
  [
    'for a stranger',
    { notify: ['FAILURE'] },
    { reporting: { mode: 'always', isOwnAddress: false } },
    'shop@example.com gets no report of it by mail: that is no address of a domain of the account.',
  ],
])('a report that was %s', (_, dsn, more, sentence) => {
  const told = explained(delivery({ state: 'bounced', attempts: 1, dsn }), [bounced()], {
    message: submitted,
    ...more,
  })
  expect(told.what_happens_next).toBe(`${OVER} ${sentence}`)
})

test.each([
  ['owed', 'A report that it was passed on goes by mail to shop@example.com.'],
  ['passed-on', 'The receiver was asked to report its delivery.'],
] as const)('a report of success that is %s', (dsn, sentence) => {
  const told = explained(delivery({ state: 'delivered', attempts: 1 }), [delivered({ dsn })], {
    message: submitted,
  })
  expect(told.what_happens_next).toEndWith(` ${sentence}`)
})

test('who sends by the API hears nothing of reports', () => {
  const told = explained(delivery({ state: 'bounced', attempts: 1 }), [bounced()])
  expect(told.what_happens_next).toBe(OVER)
})
