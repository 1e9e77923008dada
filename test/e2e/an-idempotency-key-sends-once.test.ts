//
// api.md B, Idempotency: the same answer for the same body, 422 for another one, 409 while the first is under way.

import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { idIn, startLab } from '../support/appliance.ts'
import { TEST_KEY } from '../support/lab-folder.ts'

const KEY = { 'idempotency-key': 'order-7' }
const LETTER = { to: 'rcpt@example.net', subject: 'Order 7', tags: ['a', 'b'] }

test('a repeated request repeats its answer and sends nothing', async () => {
  await using lab = await startLab()
  const first = await lab.send(LETTER, KEY)
  const again = await lab.send({ tags: ['a', 'b'], subject: 'Order 7', to: 'rcpt@example.net' }, KEY)
  expect(again.status).toBe(200)
  expect(again.body).toEqual(first.body)
  expect(first.headers.get('idempotency-replayed')).toBeNull()
  expect(again.headers.get('idempotency-replayed')).toBe('true')
  await lab.ended(first.body.message_id)
  expect(lab.mx.messages).toHaveLength(1)
})

test('another body under the same key is refused and sends nothing', async () => {
  await using lab = await startLab()
  await lab.ended((await lab.send(LETTER, KEY)).body.message_id)
  const other = await lab.send({ ...LETTER, subject: 'Order 8' }, KEY)
  expect(other.status).toBe(422)
  expect(other.body.error.code).toBe('idempotency_mismatch')
  expect(lab.mx.messages).toHaveLength(1)
})

test('a refusal is not remembered: the corrected request passes under the same key', async () => {
  await using lab = await startLab()
  expect((await lab.send({ ...LETTER, from: 'a@elsewhere.test' }, KEY)).status).toBe(403)
  expect((await lab.send(LETTER, KEY)).status).toBe(200)
})

test('a key whose first use is under way is a 409 with Retry-After', async () => {
  await using lab = await startLab()
  // Whoever holds this lock keeps the writer from its commit.
  const lock = new Database(join(lab.folder, 'data/mailwok.db'))
  lock.run('BEGIN IMMEDIATE')
  const both = [lab.send(LETTER, KEY), lab.send(LETTER, KEY)]
  const refused = await Promise.race(both)
  expect(refused.status).toBe(409)
  expect(refused.body.error.code).toBe('idempotency_in_flight')
  expect(refused.headers.get('retry-after')).toBe('1')
  lock.run('ROLLBACK')
  lock.close()
  const answers = await Promise.all(both)
  expect(answers.map((each) => each.status).sort()).toEqual([200, 409])
  const accepted = answers.find((each) => each.status === 200)
  await lab.ended(accepted?.body.message_id ?? '')
  expect(lab.mx.messages).toHaveLength(1)
})

test('X-MailWok-Idempotency-Key does the same over SMTP', async () => {
  await using lab = await startLab()
  const letter = (body: string) => ({
    envelope: { from: 'shop@example.com', to: ['rcpt@example.net'] },
    raw: `From: shop@example.com\r\nTo: rcpt@example.net\r\nX-MailWok-Idempotency-Key: k1\r\nSubject: s\r\n\r\n${body}\r\n`,
  })
  const first = idIn(await lab.submit(letter('one')))
  expect(idIn(await lab.submit(letter('one')))).toBe(first)
  await expect(lab.submit(letter('two'))).rejects.toMatchObject({
    responseCode: 550,
    response: expect.stringContaining('5.5.4'),
  })
  await lab.ended(first)
  expect(lab.mx.messages).toHaveLength(1)
})

test('over SMTP a key whose first use is under way is 450 4.3.0', async () => {
  await using lab = await startLab()
  const lock = new Database(join(lab.folder, 'data/mailwok.db'))
  lock.run('BEGIN IMMEDIATE')
  const letter = {
    envelope: { from: 'shop@example.com', to: ['rcpt@example.net'] },
    raw: 'From: shop@example.com\r\nX-MailWok-Idempotency-Key: k1\r\nSubject: s\r\n\r\none\r\n',
  }
  const both = [lab.submit(letter), lab.submit(letter)].map((each) => each.catch((error: unknown) => error))
  expect(await Promise.race(both)).toMatchObject({
    responseCode: 450,
    response: expect.stringContaining('4.3.0'),
  })
  lock.run('ROLLBACK')
  lock.close()
  const accepted = (await Promise.all(both)).find((each) => typeof each === 'string')
  await lab.ended(idIn(String(accepted)))
  expect(lab.mx.messages).toHaveLength(1)
})

test('what a test key has sent is no answer for a live key', async () => {
  await using lab = await startLab()
  const rehearsed = await lab.send(LETTER, { ...KEY, authorization: `Bearer ${TEST_KEY}` })
  const first = await lab.send(LETTER, KEY)
  expect([rehearsed.status, first.status]).toEqual([200, 200])
  expect(first.headers.get('idempotency-replayed')).toBeNull()
  expect(first.body.message_id).not.toBe(rehearsed.body.message_id)
  const again = await lab.send(LETTER, { ...KEY, authorization: `Bearer ${TEST_KEY}` })
  expect(again.body.message_id).toBe(rehearsed.body.message_id)
  await lab.ended(first.body.message_id)
  expect(lab.mx.messages).toHaveLength(1)
})
