//
// Resend's official client against /compat/resend: send, batch, look-up, and clear errors.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Resend } from 'resend'
import { type Lab, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'

let lab: Lab
let resend: Resend
beforeAll(async () => {
  lab = await startLab()
  const baseUrl = `http://127.0.0.1:${lab.port('api.http')}/compat/resend`
  resend = new Resend(LAB_KEY, { baseUrl })
})
afterAll(() => lab[Symbol.asyncDispose]())

const LETTER = { from: 'Shop <shop@example.com>', to: 'a@example.net', subject: 'Hello', text: 'It works' }

test('a message goes out with its fields, and is looked up', async () => {
  const { data, error } = await resend.emails.send({
    ...LETTER,
    to: ['a@example.net'],
    cc: 'b@example.net',
    replyTo: 'desk@example.com',
    html: '<p>It works</p><img src="cid:logo">',
    headers: { 'X-Order': '17' },
    tags: [{ name: 'category', value: 'order' }],
    attachments: [
      { filename: 'terms.txt', content: Buffer.from('Hello') },
      { filename: 'logo.png', content: 'iVBORw==', contentType: 'image/png', contentId: 'logo' },
    ],
  })
  expect(error).toBeNull()
  const id = data?.id ?? ''
  await lab.ended(id)
  const bytes = lab.mx.messages.map((one) => one.bytes.toString()).join('\n')
  expect(bytes).toContain('X-Order: 17')
  expect(bytes).toContain('Reply-To: desk@example.com')
  expect(bytes).toContain('terms.txt')
  expect(bytes).toContain('Content-ID: <logo>')
  const found = await resend.emails.get(id)
  expect(found.data).toMatchObject({
    object: 'email',
    id,
    from: 'shop@example.com',
    to: ['a@example.net', 'b@example.net'],
    subject: 'Hello',
    last_event: 'delivered',
    tags: [{ name: 'category', value: 'order' }],
    text: expect.stringContaining('It works'),
  })
})

test('an idempotency key sends once, and is held against another body', async () => {
  const once = await resend.emails.send(LETTER, { idempotencyKey: 'order-17' })
  const again = await resend.emails.send(LETTER, { idempotencyKey: 'order-17' })
  expect(again.data?.id).toBe(once.data?.id ?? '')
  const other = await resend.emails.send({ ...LETTER, subject: 'Other' }, { idempotencyKey: 'order-17' })
  expect(other.error).toMatchObject({ name: 'invalid_idempotent_request', statusCode: 409 })
})

test('a batch is one call: strict takes all or none, permissive says which were not', async () => {
  const good = { ...LETTER, to: 'b1@example.net' }
  const bad = { ...LETTER, to: 'nobody' }
  const unknown = { ...LETTER, topicId: 'x' }
  const sent = await resend.batch.send([good, { ...good, to: 'b2@example.net' }])
  expect(sent.error).toBeNull()
  const ids = sent.data?.data.map(({ id }) => id) ?? []
  expect(ids).toHaveLength(2)
  for (const id of ids) await lab.ended(id)
  const strict = await resend.batch.send([good, bad])
  expect(strict.error).toMatchObject({ statusCode: 422, message: expect.stringContaining('[1].to') })
  const some = await resend.batch.send([unknown, good, bad], { batchValidation: 'permissive' })
  expect(some.data?.data).toHaveLength(1)
  expect(some.data?.errors).toMatchObject([{ index: 0 }, { index: 2 }])
})

test('mail is listed, newest first', async () => {
  const sent = await resend.emails.send({ ...LETTER, subject: 'The last' })
  const { data } = await resend.emails.list({ limit: 1 })
  expect(data).toMatchObject({
    object: 'list',
    has_more: true,
    data: [{ id: sent.data?.id, subject: 'The last' }],
  })
})

test.each([
  [
    'an unknown key',
    () => client('mwk_live_0000000000000000000000').emails.send(LETTER),
    401,
    'invalid_api_key',
  ],
  ['no address', () => resend.emails.send({ ...LETTER, to: 'nobody' }), 422, 'validation_error'],
  ['no such message', () => resend.emails.get('msg_000000000000'), 404, 'not_found'],
  [
    'a path',
    () => resend.emails.send({ ...LETTER, attachments: [{ filename: 'a', path: 'https://example.com/a' }] }),
    422,
    'validation_error',
  ],
  ['a route that is not here', () => resend.domains.list(), 404, 'not_found'],
])('%s is said in the words of Resend', async (_, call, statusCode, name) => {
  const { data, error } = await lab.meanwhile(call() as Promise<{ data: unknown; error: unknown }>)
  expect(data).toBeNull()
  expect(error).toMatchObject({ statusCode, name, message: expect.any(String) })
})

test('what is not mapped names the field and what to use', async () => {
  const { error } = await resend.emails.send({ ...LETTER, topicId: 'news' })
  expect(error?.message).toMatch(/^topic_id .*list/)
})

const client = (key: string) =>
  new Resend(key, { baseUrl: `http://127.0.0.1:${lab.port('api.http')}/compat/resend` })
