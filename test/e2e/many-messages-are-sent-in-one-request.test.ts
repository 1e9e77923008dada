//
// api.md B, /v1/email/batch: per-item results, strict or permissive, attachments, one idempotency key for all.

import { expect, test } from 'bun:test'
import { simpleParser } from 'mailparser'
import { type Lab, startLab } from '../support/appliance.ts'
import type { ApiAnswer } from '../support/lab-answers.ts'
import { TEST_KEY } from '../support/lab-folder.ts'

const SHARED = {
  from: 'Shop <shop@example.com>',
  subject: 'Order {{ order }}',
  html: '<p>Dear {{ name }}, order {{ order }} left. <a href="https://shop.example.com/{{ order }}">Track</a></p>',
}
const toAda = { to: 'Ada <ada@example.net>', data: { name: 'Ada & Co', order: '1' } }
const toBob = { to: 'bob@example.net', data: { name: 'Bob', order: '2' } }

interface End {
  readonly success: boolean
  readonly message_id: string
  readonly status: string
  readonly error: { code: string; message: string; fields: { path: string; code: string }[] }
}
interface Sent {
  readonly accepted: number
  readonly refused: number
  readonly data: readonly End[]
}
const batch = (lab: Lab, body: unknown, headers = {}) => lab.post('/v1/email/batch', body, headers)
const bodyOf = ({ body }: ApiAnswer): Sent => body as unknown as Sent
const idsOf = (answer: ApiAnswer): string[] => bodyOf(answer).data.map(({ message_id }) => message_id)
const mailTo = async (lab: Lab, recipient: string) => {
  const found = lab.mx.messages.filter(({ forwardPaths }) => forwardPaths.includes(recipient))
  expect(found).toHaveLength(1)
  return simpleParser(found[0]?.bytes ?? '')
}

test('content in common is stored once and merged for each', async () => {
  await using lab = await startLab()
  const answer = await batch(lab, { ...SHARED, messages: [toAda, toBob], tags: ['all'] })
  expect([answer.status, bodyOf(answer).accepted, bodyOf(answer).refused]).toEqual([200, 2, 0])
  const [ada = '', bob = ''] = idsOf(answer)
  const seen = await lab.ended(ada)
  await lab.ended(bob)
  expect([seen.subject, seen.tags]).toEqual(['Order 1', ['all']])
  const letter = await mailTo(lab, 'ada@example.net')
  expect([letter.subject, letter.from?.text, letter.messageId]).toEqual([
    'Order 1',
    '"Shop" <shop@example.com>',
    `<${ada}@example.com>`,
  ])
  expect(String(letter.html)).toContain('Dear Ada &amp; Co, order 1 left.')
  expect(letter.text).toContain('Dear Ada & Co, order 1 left. Track [https://shop.example.com/1]')
  const other = await mailTo(lab, 'bob@example.net')
  expect([other.subject, String(other.html)]).toEqual(['Order 2', expect.stringContaining('Dear Bob')])
})

test('what a message has itself replaces what all have; data are laid over each other', async () => {
  await using lab = await startLab()
  const answer = await batch(lab, {
    ...SHARED,
    data: { name: 'customer', order: '0' },
    messages: [
      { to: 'a@example.net' },
      { to: 'b@example.net', data: { name: 'Bea' }, subject: 'Only you' },
      { to: 'c@example.net', text: 'A text of its own for {{ name }}' },
      { to: 'd@example.net', from: 'other@example.com' },
    ],
  })
  await Promise.all(idsOf(answer).map((id) => lab.ended(id)))
  expect(String((await mailTo(lab, 'a@example.net')).html)).toContain('Dear customer, order 0')
  const bea = await mailTo(lab, 'b@example.net')
  expect([bea.subject, bea.text]).toEqual(['Only you', expect.stringContaining('Dear Bea, order 0')])
  const own = await mailTo(lab, 'c@example.net')
  expect([own.text?.trim(), own.html]).toEqual(['A text of its own for customer', false])
  expect((await mailTo(lab, 'd@example.net')).from?.text).toBe('other@example.com')
})

test('permissive: what is good is sent, and of each other is said why not', async () => {
  await using lab = await startLab()
  const answer = await batch(lab, {
    ...SHARED,
    messages: [
      { to: 'a@example.net', data: { name: 'Ada' } },
      toBob,
      { to: 'nobody', data: {} },
      { to: 7 },
      { to: 'x@example.net', datas: {} },
      { ...toAda, from: 'me@elsewhere.test' },
      { subject: 'to whom?' },
      { ...toBob, custom: { x: 'x'.repeat(3000) } },
      'no object',
    ],
  })
  expect([answer.status, bodyOf(answer).accepted, bodyOf(answer).refused]).toEqual([200, 1, 8])
  expect(
    bodyOf(answer).data.map(({ error, success }) =>
      success ? 'sent' : `${error.code} ${error.fields[0]?.path}`,
    ),
  ).toEqual([
    'template_error data.order',
    'sent',
    'validation_failed to',
    'validation_failed to',
    'validation_failed datas',
    'sender_not_allowed from',
    'validation_failed to',
    'validation_failed custom',
    'validation_failed ',
  ])
  expect(bodyOf(answer).data[4]?.error.message).toContain('did you mean data?')
  await lab.ended(idsOf(answer)[1] ?? '')
  expect(lab.mx.messages).toHaveLength(1)
})

test.each([
  ['its reading', { to: 'nobody', data: {} }, [422, 'validation_failed', 'messages[1].to']],
  ['a variable', { to: 'a@example.net', data: {} }, [422, 'template_error', 'messages[1].data.order']],
  [
    'a field',
    { ...toAda, headers: { Subject: 'x' } },
    [422, 'invalid_header', 'messages[1].headers.Subject'],
  ],
  ['the door', { ...toAda, from: 'me@elsewhere.test' }, [403, 'sender_not_allowed', 'messages[1].from']],
] as const)('strict: one that fails by %s refuses all', async (_, bad, want) => {
  await using lab = await startLab()
  const answer = await batch(lab, { ...SHARED, mode: 'strict', messages: [toAda, bad, toBob] })
  const { code, fields, message } = answer.body.error
  expect([answer.status, code, fields[0]?.path]).toEqual([...want])
  expect(message).toMatch(/^messages\[1\]: .*\. Nothing was accepted\.$/)
  // All that was accepted since, and before.
  const [since = ''] = idsOf(await batch(lab, { ...SHARED, mode: 'strict', messages: [toBob] }))
  await lab.ended(since)
  expect(lab.mx.messages.flatMap(({ forwardPaths }) => forwardPaths)).toEqual(['bob@example.net'])
})

test.each([[null], ['no object'], [[]], [7]])('a message that is %j is called so', async (one) => {
  await using lab = await startLab()
  const shown = `the message is ${JSON.stringify(one)}; want a JSON object.`
  const permissive = await batch(lab, { ...SHARED, messages: [toAda, one] })
  expect(bodyOf(permissive).data[1]?.error.message).toBe(shown)
  const strict = await batch(lab, { ...SHARED, mode: 'strict', messages: [toAda, one] })
  expect(strict.body.error.message).toBe(`messages[1]: ${shown} Nothing was accepted.`)
  expect(strict.body.error.fields.map(({ path }) => path)).toEqual(['messages[1]'])
})

test('an idempotency key is for the whole batch', async () => {
  await using lab = await startLab()
  const key = { 'idempotency-key': 'batch-1' }
  const body = { ...SHARED, messages: [toAda, { to: 'nobody' }, toBob] }
  const first = await batch(lab, body, key)
  const again = await batch(lab, { messages: body.messages, ...SHARED }, key)
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
  expect(again.body).toEqual(first.body)
  const other = await batch(lab, { ...SHARED, messages: [toAda] }, key)
  expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_mismatch'])
  const single = await lab.send({}, key)
  expect([single.status, single.body.error.code]).toEqual([422, 'idempotency_mismatch'])
  await Promise.all([0, 2].map((at) => lab.ended(idsOf(first)[at] ?? '')))
  expect(lab.mx.messages).toHaveLength(2)
})

test('the same batch twice at once is sent once', async () => {
  await using lab = await startLab()
  const key = { 'idempotency-key': 'twice' }
  const body = {
    ...SHARED,
    messages: Array.from({ length: 50 }, (_, at) => ({ ...toAda, to: `r${at}@example.net` })),
  }
  const both = await Promise.all([batch(lab, body, key), batch(lab, body, key)])
  const good = both.find(({ status }) => status === 200)
  if (!good) throw new Error('one of them is accepted')
  for (const { body: said, status } of both) {
    if (status === 200) expect(said).toEqual(good.body)
    else expect([status, said.error.code]).toEqual([409, 'idempotency_in_flight'])
  }
  await Promise.all(idsOf(good).map((id) => lab.ended(id)))
  expect(lab.mx.messages).toHaveLength(50)
})

test('attachments go with every message, and each may have its own', async () => {
  await using lab = await startLab()
  const file = (filename: string) => ({ filename, content: Buffer.from(filename).toString('base64') })
  const answer = await batch(lab, {
    ...SHARED,
    attachments: [file('terms.txt')],
    messages: [toAda, toBob, { ...toBob, to: 'c@example.net', attachments: [file('own.txt')] }],
  })
  await Promise.all(idsOf(answer).map((id) => lab.ended(id)))
  const names = async (recipient: string) =>
    (await mailTo(lab, recipient)).attachments.map(({ content, filename }) => [filename, String(content)])
  expect(await names('ada@example.net')).toEqual([['terms.txt', 'terms.txt']])
  expect(await names('bob@example.net')).toEqual([['terms.txt', 'terms.txt']])
  expect(await names('c@example.net')).toEqual([['own.txt', 'own.txt']])
})

test('a suppressed recipient is told apart, and nothing is sent to him', async () => {
  await using lab = await startLab()
  await lab.post('/v1/suppressions', { address: 'ada@example.net' })
  const answer = await batch(lab, { ...SHARED, messages: [toAda, toBob] })
  expect(bodyOf(answer).data.map(({ status }) => status)).toEqual(['suppressed', 'queued'])
  await lab.ended(idsOf(answer)[1] ?? '')
  expect(lab.mx.messages.flatMap(({ forwardPaths }) => forwardPaths)).toEqual(['bob@example.net'])
})

test.each([
  [{ ...SHARED, messages: [] }, 'messages'],
  [{ ...SHARED, messages: Array.from({ length: 501 }, () => toAda) }, 'messages'],
  [{ ...SHARED }, 'messages'],
  [{ ...SHARED, messages: [toAda], mode: 'lax' }, 'mode'],
  [{ ...SHARED, messages: [toAda], to: 'x@example.net' }, 'to'],
  [{ ...SHARED, messages: [toAda], subjekt: 'x' }, 'subjekt'],
])('what is wrong with the whole is a 422 (%#)', async (body, path) => {
  await using lab = await startLab()
  const answer = await batch(lab, body)
  expect([answer.status, answer.body.error.fields[0]?.path]).toEqual([422, path])
})

test('five hundred messages to a test key are played', async () => {
  await using lab = await startLab()
  const messages = Array.from({ length: 500 }, (_, at) => ({
    to: `delivered+${at}@sandbox.mailwok.test`,
    data: { name: `n${at}`, order: at },
  }))
  const answer = await batch(lab, { ...SHARED, messages }, { authorization: `Bearer ${TEST_KEY}` })
  expect([answer.status, bodyOf(answer).accepted]).toEqual([200, 500])
  expect(new Set(idsOf(answer)).size).toBe(500)
  expect(lab.mx.messages).toEqual([])
})

test('a batch may be larger than a send, up to 50 MB', async () => {
  await using lab = await startLab()
  const file = (octets: number) => [{ filename: 'a.bin', content: 'A'.repeat(octets) }]
  const to = 'delivered@sandbox.mailwok.test'
  const answer = await batch(lab, {
    ...SHARED,
    data: { name: 'n', order: 1 },
    messages: [
      { to, attachments: file(16_000_000) },
      { to, attachments: file(20_000_000) },
    ],
  })
  expect([answer.status, bodyOf(answer).accepted]).toEqual([200, 2])
  // One of them would be too large alone, in the words for a message.
  const [big] = bodyOf(
    await batch(lab, { ...SHARED, messages: [{ ...toAda, attachments: file(26_000_000) }] }),
  ).data
  expect(big?.error.code).toBe('message_too_large')
  const over = await batch(lab, { ...SHARED, messages: [{ to, text: 'x'.repeat(50_000_000) }] })
  expect([over.status, over.body.error.code]).toEqual([413, 'body_too_large'])
  const single = await lab.send({ text: 'x'.repeat(25_000_001) })
  expect([single.status, single.body.error.code]).toEqual([413, 'body_too_large'])
})
