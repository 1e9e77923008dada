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

test('a message waits for its time, gets another, and is cancelled', async () => {
  const at = (hours: number) => new Date(lab.clock.now() + hours * 3_600_000).toISOString()
  const sent = await resend.emails.send({ ...LETTER, scheduledAt: at(2) })
  expect(sent.error).toBeNull()
  const id = sent.data?.id ?? ''
  expect((await resend.emails.get(id)).data).toMatchObject({ last_event: 'scheduled', scheduled_at: at(2) })
  expect((await resend.emails.update({ id, scheduledAt: at(3) })).data).toEqual({ object: 'email', id })
  expect((await resend.emails.get(id)).data?.scheduled_at).toBe(at(3))
  expect((await resend.emails.cancel(id)).data).toEqual({ object: 'email', id })
  expect((await resend.emails.get(id)).data?.last_event).toBe('canceled')
  const words = await resend.emails.send({ ...LETTER, scheduledAt: 'in 1 hour' })
  expect(words.error).toMatchObject({ statusCode: 422, message: expect.stringMatching(/^scheduled_at /) })
})

test('suppressions are added, listed, looked up and removed', async () => {
  const { data } = await resend.suppressions.add({ email: 'gone@example.net' })
  const found = await resend.suppressions.get('gone@example.net')
  expect(found.data).toMatchObject({ id: data?.id, email: 'gone@example.net', origin: 'manual' })
  await resend.suppressions.batch.add({ emails: ['b@gone.example', 'c@gone.example'] })
  const first = await resend.suppressions.list({ limit: 2, origin: 'manual' })
  expect(first.data).toMatchObject({ has_more: true })
  const rest = await resend.suppressions.list({ limit: 2, after: first.data?.data[1]?.id ?? '' })
  expect(rest.data).toMatchObject({ has_more: false })
  const all = [...(first.data?.data ?? []), ...(rest.data?.data ?? [])].map(({ email }) => email)
  expect(all.toSorted()).toEqual(['b@gone.example', 'c@gone.example', 'gone@example.net'])
  expect((await resend.suppressions.list({ origin: 'bounce' })).data?.data).toEqual([])
  expect((await resend.suppressions.remove(data?.id ?? '')).data).toMatchObject({ deleted: true })
  expect((await resend.suppressions.get('gone@example.net')).error).toMatchObject({ name: 'not_found' })
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
  ['a route that is not here', () => resend.broadcasts.list(), 404, 'not_found'],
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
