import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'

test('a From that the account did not add is a 403, and a 550 over SMTP', async () => {
  await using lab = await startLab()
  for (const from of ['ceo@bank.test', 'a@notexample.com', 'a@example.com.evil.test', 'a@com']) {
    const { status, body } = await lab.send({ from })
    expect([from, status]).toEqual([from, from === 'a@com' ? 422 : 403])
    if (status === 403) expect(body.error.code).toBe('sender_not_allowed')
  }
  await expect(lab.submit({ from: 'ceo@bank.test', text: 'x' })).rejects.toMatchObject({ responseCode: 550 })
  // The envelope is not the author: From is what people read.
  const raw = 'From: ceo@bank.test\r\nTo: a@example.net\r\nSubject: x\r\n\r\nx\r\n'
  const envelope = { from: 'shop@example.com', to: ['a@example.net'] }
  await expect(lab.submit({ envelope, raw })).rejects.toMatchObject({ responseCode: 550 })
  expect(lab.mx.connections).toBe(0)
})

test('two authors, one of them foreign, are refused', async () => {
  await using lab = await startLab()
  const envelope = { from: 'shop@example.com', to: ['a@example.net'] }
  for (const from of [
    'From: shop@example.com, ceo@bank.test',
    'From: shop@example.com\r\nFrom: ceo@bank.test',
    'From: "shop@example.com" <ceo@bank.test>',
  ]) {
    const raw = `${from}\r\nTo: a@example.net\r\nSubject: x\r\n\r\nx\r\n`
    await expect(lab.submit({ envelope, raw })).rejects.toMatchObject({ responseCode: 550 })
  }
  expect(lab.mx.connections).toBe(0)
})

test('a key of another account cannot use the domain, nor see its mail', async () => {
  await using lab = await startLab()
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  const { key } = must(await lab.admin.keyCreate({ account: 'other', name: 'theirs', mode: 'live' }))
  const theirs = { authorization: `Bearer ${key}` }
  expect((await lab.send({}, theirs)).status).toBe(403)
  const id = await lab.sent()
  expect((await lab.fetch(`/v1/email/${id}`, { headers: theirs })).status).toBe(404)
  expect((await lab.ended(id)).status).toBe('delivered')
  expect(lab.mx.messages).toHaveLength(1)
})
