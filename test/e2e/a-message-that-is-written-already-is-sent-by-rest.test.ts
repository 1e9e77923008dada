//
// api.md B, /v1/email/raw: RFC 5322 octets and their envelope, as over SMTP.

import { expect, test } from 'bun:test'
import { type Lab, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'

const BODY = 'Grüße\r\n.a line that begins with a dot\r\n'
const LETTER = `From: Shop <shop@example.com>\r\nTo: list@example.net\r\nBcc: hidden@example.net\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: text/plain; charset=utf-8\r\nX-MailWok-Tags: a, b\r\n\r\n${BODY}`
const ENVELOPE = 'from=shop@example.com&to=a@example.net,b@example.net'

async function raw(lab: Lab, query: string, bytes: string, headers = {}) {
  const response = await lab.fetch(`/v1/email/raw?${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${LAB_KEY}`, 'content-type': 'message/rfc822', ...headers },
    body: bytes,
  })
  const body = (await response.json()) as {
    message_id: string
    status: string
    error: { code: string; message: string; fields: { path: string }[] }
  }
  return { status: response.status, headers: response.headers, body }
}
const arrived = (lab: Lab, recipient: string): string =>
  lab.mx.messages
    .filter(({ forwardPaths }) => forwardPaths.includes(recipient))
    .map(({ bytes }) => bytes.toString('utf8'))
    .join('\n---\n')

test('the octets are kept, the envelope names the recipients, the fields of ours are answered', async () => {
  await using lab = await startLab()
  const { body, status } = await raw(lab, ENVELOPE, LETTER)
  expect([status, body.status]).toEqual([200, 'queued'])
  const seen = await lab.ended(body.message_id)
  expect([seen.subject, seen.tags]).toEqual(['Grüße', ['a', 'b']])
  for (const recipient of ['a@example.net', 'b@example.net']) {
    const letter = arrived(lab, recipient)
    expect(letter.endsWith(`\r\n\r\n${BODY}`)).toBe(true)
    expect(letter).toContain('To: list@example.net\r\n')
    expect(letter).not.toMatch(/^(?:bcc|x-mailwok|received)[^\n]*:/im)
  }
  expect(lab.mx.messages).toHaveLength(2)
})

test('in JSON the message is base64', async () => {
  await using lab = await startLab()
  const message = Buffer.from(LETTER).toString('base64')
  const { body, status } = await lab.post('/v1/email/raw', {
    from: 'shop@example.com',
    to: 'a@example.net',
    raw: message,
  })
  expect(status).toBe(200)
  await lab.ended(body.message_id)
  expect(arrived(lab, 'a@example.net').endsWith(`\r\n\r\n${BODY}`)).toBe(true)
})

test('what is neither a message nor JSON is refused by what may be sent', async () => {
  await using lab = await startLab()
  const { body, status } = await raw(lab, ENVELOPE, LETTER, { 'content-type': 'text/plain' })
  expect(status).toBe(415)
  expect(body.error.message).toContain('want message/rfc822 or application/json.')
})

test('a file with bare LF throughout is a message, a mixture is none', async () => {
  await using lab = await startLab()
  const unix = LETTER.replaceAll('\r\n', '\n')
  const { body, status } = await raw(lab, ENVELOPE, unix)
  expect(status).toBe(200)
  await lab.ended(body.message_id)
  expect(arrived(lab, 'a@example.net').endsWith(`\r\n\r\n${BODY}`)).toBe(true)
  for (const wrong of [`${LETTER}smuggled\n.\nMAIL FROM:<x@example.com>`, `${LETTER}\0`, `${LETTER}a\rb`]) {
    const refused = await raw(lab, ENVELOPE, wrong)
    expect([refused.status, refused.body.error.code]).toEqual([422, 'invalid_content'])
  }
})

test('an idempotency key of the request sends once, and one of the header too', async () => {
  await using lab = await startLab()
  const key = { 'idempotency-key': 'raw-1' }
  const first = await raw(lab, ENVELOPE, LETTER, key)
  const again = await raw(lab, ENVELOPE, LETTER, key)
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
  expect(again.body).toEqual(first.body)
  const other = await raw(lab, 'from=shop@example.com&to=c@example.net', LETTER, key)
  expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_mismatch'])
  const named = LETTER.replace('X-MailWok-Tags: a, b', 'X-MailWok-Idempotency-Key: raw-2')
  const one = await raw(lab, ENVELOPE, named)
  expect((await raw(lab, ENVELOPE, named)).body.message_id).toBe(one.body.message_id)
})

const JSON_TYPE = { 'content-type': 'application/json' }
test.each([
  ['to=a@example.net', LETTER, {}, [422, 'validation_failed', 'from']],
  ['from=shop@example.com', LETTER, {}, [422, 'validation_failed', 'to']],
  ['from=shop@example.com&to=a@example.net,nobody', LETTER, {}, [422, 'validation_failed', 'to[1]']],
  ['from=shop@example.com&too=a@example.net', LETTER, {}, [422, 'validation_failed', 'too']],
  [ENVELOPE, 'no message at all', {}, [422, 'invalid_content', undefined]],
  [ENVELOPE, LETTER.replace('From: Shop <shop@example.com>\r\n', ''), {}, [422, 'invalid_header', undefined]],
  [
    ENVELOPE,
    LETTER.replace('shop@example.com', 'me@elsewhere.test'),
    {},
    [403, 'sender_not_allowed', 'from'],
  ],
  [ENVELOPE, LETTER.replace('X-MailWok-Tags', 'X-MailWok-Tag'), {}, [422, 'invalid_option', undefined]],
  [ENVELOPE, LETTER, { 'content-type': 'text/plain' }, [415, 'unsupported_media_type', undefined]],
  [ENVELOPE, LETTER, { 'content-encoding': 'gzip' }, [415, 'unsupported_media_type', undefined]],
  [
    ENVELOPE,
    '{"from":"a@example.com","to":"b@example.net","raw":"eA=="}',
    JSON_TYPE,
    [422, 'validation_failed', 'from'],
  ],
  [
    '',
    '{"from":"a@example.com","to":"b@example.net","raw":"%"}',
    JSON_TYPE,
    [422, 'validation_failed', 'raw'],
  ],
  ['', '{"from":"a@example.com","to":[],"raw":"eA=="}', JSON_TYPE, [422, 'validation_failed', 'to']],
  [
    '',
    '{"from":"a@example.com","to":"b@example.net","rwa":"eA=="}',
    JSON_TYPE,
    [422, 'validation_failed', 'raw'],
  ],
  ['', '[]', JSON_TYPE, [422, 'validation_failed', '']],
] as const)('%s with %j is refused (%#)', async (query, bytes, headers, want) => {
  await using lab = await startLab()
  const { body, status } = await raw(lab, query, bytes, headers)
  const [wanted, code, path] = want
  expect([status, body.error.code]).toEqual([wanted, code])
  if (path !== undefined) expect(body.error.fields[0]?.path).toBe(path)
})
