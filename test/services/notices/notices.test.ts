import { afterAll, beforeAll, expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { simpleParser } from 'mailparser'
import { SYSTEM_ACCOUNT } from '../../../src/core/account.ts'
import { type ForwardPath, parseMailbox } from '../../../src/core/address.ts'
import { type MessageId, messageOf } from '../../../src/core/ids.ts'
import { type Foundation, openFoundation } from '../../../src/foundation.ts'
import { doorOf, noticesOf } from '../../../src/mail-path.ts'
import type { Notice, Notices } from '../../../src/services/notices/notices.ts'
import { handClock } from '../../support/clock.ts'
import { freshFolder, LAB_START, readConfig } from '../../support/lab-folder.ts'

let folder: string
let foundation: Foundation
let notices: Notices

beforeAll(async () => {
  folder = await freshFolder()
  foundation = await openFoundation(readConfig(folder, {}), { clock: handClock(LAB_START), dice: () => 0.5 })
  const waiting = {
    holder: foundation.holder,
    reserve: () => false,
    forgo: () => {},
    handOver: () => {},
    wake: () => {},
    estimate: () => '<1h',
  }
  notices = noticesOf(foundation, doorOf(foundation, waiting))
})

afterAll(async () => {
  await foundation.close()
  rmSync(folder, { recursive: true, force: true })
})

function mailbox(text: string): ForwardPath {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

const notice = (fields: Partial<Notice> & Pick<Notice, 'key'>): Notice => ({
  to: mailbox('person@example.net'),
  subject: 'A word from the house',
  text: 'Grüße.\nSecond line.\n',
  kind: 'alert',
  ...fields,
})

async function sent(asked: Notice): Promise<MessageId> {
  const done = await notices.send(asked)
  if (!done.ok) throw new Error(done.error)
  return done.value
}

async function bytesOf(id: MessageId): Promise<Buffer> {
  const message = await foundation.store.messages.get(id, null)
  if (!message) throw new Error(`no ${id}`)
  const content = (await foundation.store.messages.contents([message.contentId])).get(message.contentId)
  if (!content || content === 'damaged') throw new Error('no content')
  return Buffer.from(content.bytes)
}

test('a notice has a null reverse-path, is nobody’s, and waits like other mail', async () => {
  const id = await sent(notice({ key: 'one' }))
  const message = await foundation.store.messages.get(id, null)
  expect(message).toMatchObject({
    reversePath: null,
    accountId: SYSTEM_ACCOUNT,
    source: 'notice',
    from: 'postmaster@mail.lab.test',
    signingDomain: 'mail.lab.test',
  })
  const [delivery] = await foundation.store.messages.deliveries(id)
  expect(delivery).toMatchObject({ state: 'queued', recipient: 'person@example.net' })
  expect(messageOf(delivery?.id ?? ('' as never))).toBe(id)
})

test('it says that a machine wrote it', async () => {
  const mail = await simpleParser(await bytesOf(await sent(notice({ key: 'two' }))))
  expect(mail.headers.get('auto-submitted')).toBe('auto-generated')
  expect(mail.from?.text).toBe('"MailWok" <postmaster@mail.lab.test>')
  expect(mail.text?.trim()).toBe('Grüße.\nSecond line.')
  expect(mail.date?.getTime()).toBe(LAB_START)
})

test('one key sends once, whatever was composed the second time', async () => {
  const first = await sent(notice({ key: 'three' }))
  expect(await sent(notice({ key: 'three', text: 'Other words.' }))).toBe(first)
  expect(await sent(notice({ key: 'four' }))).not.toBe(first)
})

test('a report carries its parts in order and untouched', async () => {
  const status = Buffer.from('Reporting-MTA: dns; mail.lab.test\r\n\r\nAction: failed\r\n')
  const original = Buffer.from('Subject: caf\xe9\r\n\r\nHello\r\n', 'latin1')
  const bytes = await bytesOf(
    await sent(
      notice({
        key: 'five',
        kind: 'dsn',
        reportType: 'delivery-status',
        headers: { 'In-Reply-To': '<a@example.com>', Subject: 'ignored' },
        parts: [
          { contentType: 'message/delivery-status', content: status },
          { contentType: 'message/rfc822', content: original },
        ],
      }),
    ),
  )
  const text = bytes.toString('latin1')
  expect(text).toMatch(/^Content-Type: multipart\/report; report-type=delivery-status;\r\n boundary=/m)
  expect(text).toContain(`Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: 7bit\r\n`)
  expect(text).toContain(`Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n`)
  expect(bytes.includes(original)).toBe(true)
  expect(text.indexOf('delivery-status\r\n')).toBeLessThan(text.indexOf('message/rfc822'))
  expect(text).toContain('From: Mail Delivery System <MAILER-DAEMON@mail.lab.test>\r\n')
  expect(text).toContain('Auto-Submitted: auto-replied\r\n')
  expect(text.match(/^Subject:/gm)?.length).toBe(2)
})

test('a header that could become two is refused', async () => {
  const done = await notices.send(notice({ key: 'six', subject: 'a\r\nBcc: b@example.net' }))
  expect(done).toEqual({ ok: false, error: 'Subject holds a control character such as a line break' })
})

test('an alert goes to the operator, once per key', async () => {
  const first = await notices.alert('Something is odd', 'Look at it.', 'odd:1')
  expect(await notices.alert('Something is odd', 'Look at it.', 'odd:1')).toEqual(first)
  if (!first.ok || first.value === null) throw new Error('no alert')
  const [delivery] = await foundation.store.messages.deliveries(first.value)
  expect(delivery?.recipient).toBe(mailbox('ops@operator.test'))
})
