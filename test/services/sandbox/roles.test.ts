import { expect, test } from 'bun:test'
import { type Mailbox, parseMailbox } from '../../../src/core/address.ts'
import { roleOf } from '../../../src/services/sandbox/roles.ts'

const mailbox = (text: string): Mailbox => {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

test.each([
  ['delivered@sandbox.mailwok.test', 'delivered'],
  ['whoever@sandbox.mailwok.test', 'delivered'],
  ['bounce-hard@sandbox.mailwok.test', 'bounce-hard'],
  ['Bounce-Soft@SANDBOX.mailwok.test', 'bounce-soft'],
  ['defer+tag@sandbox.mailwok.test', 'defer'],
  ['complain@sandbox.mailwok.test', 'complaint'],
  ['open+1+2@sandbox.mailwok.test', 'open'],
  ['CLICK+x@sandbox.mailwok.test', 'click'],
  ['unsubscribe@sandbox.mailwok.test', 'unsubscribe'],
  ['open.now@sandbox.mailwok.test', 'delivered'],
  ['constructor@sandbox.mailwok.test', 'delivered'],
  ['open@example.net', null],
  ['open@a.sandbox.mailwok.test', null],
] as const)('%s is %p', (recipient, role) => expect(roleOf(mailbox(recipient))).toBe(role))
