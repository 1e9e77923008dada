import { expect, test } from 'bun:test'
import type { Delivery } from '../../../src/core/message.ts'
import { DAY, HOUR, SECOND } from '../../../src/core/time.ts'
import type { Facts } from '../../../src/services/explain/case.ts'
import { bounced, delivery, entry, explained, message } from '../../support/explained.ts'

test('an address that is unknown and on no list may be good: its provider was not believed', () => {
  const gone = [bounced()]
  const told = explained(delivery({ state: 'bounced' }), gone, { now: 2 * HOUR })
  expect(told.what_happens_next).toBe(
    `It is not tried again. The address is not on the suppression list: its entry was taken off or has ended, or its provider called so many good addresses unknown at once that it was not believed.`,
  )
  expect(told.what_to_do).toEndWith('keep it: the provider’s directory failed. Send again when it is well.')
})

test.each<[string, Partial<Delivery>, Partial<Facts>]>([
  ['on the list', {}, { suppressions: [entry({ expiresAt: DAY })] }],
  ['not looked up', {}, { isListKnown: false }],
  ['too fresh to be on it', {}, { now: HOUR + SECOND }],
  ['played in the sandbox', { recipient: 'bounce-hard@sandbox.mailwok.test' as Delivery['recipient'] }, {}],
  ['of a test key', {}, { message: { ...message, mode: 'test' } }],
])('what is %s is not said to be on no list', (_what, change, facts) => {
  const told = explained(delivery({ state: 'bounced', ...change }), [bounced()], { now: 2 * HOUR, ...facts })
  expect(told.what_happens_next).not.toContain('not on the suppression list')
  expect(told.what_to_do).not.toContain('keep it')
})
