import { expect, test } from 'bun:test'
import type { MessageId } from '../../../src/core/ids.ts'
import { feedbackToken, readFeedbackToken } from '../../../src/mail/tracking/feedback.ts'

const ID = 'msg_mfxy1234z0ab' as MessageId
const NEW = Buffer.alloc(32, 1)
const OLD = Buffer.alloc(32, 2)

test('a token names its message, in whichever field and case it stands', () => {
  const token = feedbackToken(ID, NEW)
  for (const field of [token, token.toUpperCase(), `${token}:acc_1:marketing:abc`, ` ${token} `]) {
    expect(readFeedbackToken(field, [NEW])).toBe(ID)
  }
})

test('one made with an older secret counts as well', () => {
  expect(readFeedbackToken(feedbackToken(ID, OLD), [NEW, OLD])).toBe(ID)
})

test('nobody can make one', () => {
  const token = feedbackToken(ID, NEW)
  const other = token.replace('mfxy', 'mfxz')
  for (const field of [other, token.slice(0, -1), `${token}0`, 'f-', '', feedbackToken(ID, OLD)]) {
    expect(readFeedbackToken(field, [NEW])).toBeNull()
  }
})
