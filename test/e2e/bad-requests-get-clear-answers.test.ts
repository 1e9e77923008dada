//
// api.md B, Errors: real status codes, one shape, a closed list of codes, a request id on every answer.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { AUTHORIZED, type Lab, startLab } from '../support/appliance.ts'
import { type ApiAnswer, readAnswer } from '../support/lab-answers.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const JSON_TYPE = { 'content-type': 'application/json' }
const LETTER = { from: 'a@example.com', to: 'a@example.net', subject: 's', text: 't' }

function expectProblem(answer: ApiAnswer, status: number, code: string): void {
  expect([answer.status, answer.body.error?.code]).toEqual([status, code])
  expect(answer.headers.get('content-type')).toContain('application/json')
  const id = answer.headers.get('x-request-id') ?? ''
  expect(id).toMatch(/^req_[0-9a-z]{12}$/)
  expect<unknown>(answer.body).toEqual({
    success: false,
    error: {
      code,
      message: expect.stringMatching(/^[^\p{Cc}]+$/u),
      fields: expect.any(Array),
      request_id: id,
      docs: expect.stringContaining(code),
    },
  })
}

const ask = async (path: string, init: RequestInit): Promise<ApiAnswer> =>
  readAnswer(await lab.fetch(path, init))

const SEND = '/v1/email/send'

test.each([
  ['no key at all', {}],
  ['another scheme', { authorization: 'Basic bXdrOg==' }],
  ['an empty key', { authorization: 'Bearer ' }],
  ['an unknown key', { authorization: 'Bearer mwk_live_0000000000000000000000' }],
  ['a key of another form', { authorization: 'Bearer sk_live_1' }],
  ['a key with a byte more', { authorization: `${AUTHORIZED.authorization}0` }],
])('401: %s', async (_, headers) => {
  const call = ask(SEND, {
    method: 'POST',
    headers: { ...JSON_TYPE, ...headers },
    body: JSON.stringify(LETTER),
  })
  const answer = await lab.meanwhile(call)
  expectProblem(answer, 401, 'unauthorized')
  // RFC 9110 §11.6.1.
  expect(answer.headers.get('www-authenticate')).toStartWith('Bearer')
})

test.each([
  ['cut short', '{"from": "a@example.com"'],
  ['nothing', ''],
  ['no JSON', 'from=a@example.com'],
  ['invalid UTF-8', Buffer.from('{"subject": "\xff"}', 'latin1')],
  ['too deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
])('400: a body that is %s', async (_, body) => {
  const answer = await ask(SEND, { method: 'POST', headers: { ...JSON_TYPE, ...AUTHORIZED }, body })
  expectProblem(answer, 400, 'malformed_json')
})

test.each(['null', '[]', '"text"', '7'])('422: JSON that is no object: %s', async (body) => {
  const answer = await lab.post(SEND, body)
  expectProblem(answer, 422, 'validation_failed')
  expect(answer.body.error.message).toEndWith('want a JSON object.')
})

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
  '415: content type %p',
  async (type) => {
    const headers = { 'content-type': type, ...AUTHORIZED }
    const answer = await ask(SEND, { method: 'POST', headers, body: Buffer.from(JSON.stringify(LETTER)) })
    expectProblem(answer, 415, 'unsupported_media_type')
  },
)

test('413: 26 MB, announced', async () => {
  const answer = await lab.post(SEND, { ...LETTER, text: 'x'.repeat(26_000_000) })
  expectProblem(answer, 413, 'body_too_large')
})

// Beyond this the listener itself says no, without a word: it must not keep what nobody will read.
test('413: 60 MB, announced', async () => {
  const headers = { ...JSON_TYPE, ...AUTHORIZED }
  expect(
    (await lab.fetch(SEND, { method: 'POST', headers, body: Buffer.alloc(60_000_000, ' ') })).status,
  ).toBe(413)
})

test('413: a body without a length that does not end', async () => {
  const block = Buffer.alloc(1_000_000, 'x')
  let sent = 0
  const body = new ReadableStream({
    pull(controller) {
      sent += 1
      if (sent > 40) controller.close()
      else controller.enqueue(block)
    },
  })
  const headers = { ...JSON_TYPE, ...AUTHORIZED }
  expect((await lab.fetch(SEND, { method: 'POST', headers, body })).status).toBe(413)
})

test.each([
  [{ subjekt: 's' }, 'subjekt', 'subject'],
  [{ trackOpens: true }, 'trackOpens', 'track_opens'],
  [
    { attachments: [{ filename: 'a', content: 'eA==', contentType: 'text/plain' }] },
    'attachments[0].contentType',
    'content_type',
  ],
])('422: the unknown field in %j is named, with the nearest one', async (fields, path, nearest) => {
  const answer = await lab.post(SEND, { ...LETTER, ...fields })
  expectProblem(answer, 422, 'validation_failed')
  expect(answer.body.error.fields).toEqual([
    { path, code: 'unknown_field', message: expect.stringContaining(`did you mean ${nearest}?`) },
  ])
  expect(answer.body.error.message).toEndWith(`did you mean ${nearest}?`)
})

test.each([
  [{ to: [] }, 'to'],
  [{ to: 7 }, 'to'],
  [{ from: undefined }, 'from'],
  [{ subject: undefined }, 'subject'],
  [{ track_opens: 'yes' }, 'track_opens'],
  [{ expires_after: '1s' }, 'expires_after'],
  [{ custom: { much: 'x'.repeat(2100) } }, 'custom'],
  [{ subject: 'a\udc00b' }, 'subject'],
  [{ data: { deep: ['\ud800'] }, subject: 'x' }, 'data.deep[0]'],
])('422: %j names %s', async (fields, path) => {
  const answer = await lab.post(SEND, { ...LETTER, ...fields })
  expectProblem(answer, 422, 'validation_failed')
  expect(answer.body.error.fields[0]?.path).toBe(path)
})

test('422: neither html nor text', async () => {
  expectProblem(await lab.post(SEND, { ...LETTER, text: undefined }), 422, 'missing_content')
})

test('404: what is not there, and what is nobody’s', async () => {
  expectProblem(await ask('/v1/nothing', { headers: AUTHORIZED }), 404, 'not_found')
  expectProblem(await ask('/v1/email/msg_000000000000', { headers: AUTHORIZED }), 404, 'not_found')
  expectProblem(await ask('/v1/email/%00%ff', { headers: AUTHORIZED }), 404, 'not_found')
  expectProblem(await ask('/nowhere', {}), 404, 'not_found')
})

test('every answer has its own request id, also those that say yes', async () => {
  const ids = new Set<string>()
  for (const path of ['/livez', '/readyz', '/nowhere', '/v1/email/x']) {
    const { headers } = await lab.fetch(path, { headers: AUTHORIZED })
    ids.add(headers.get('x-request-id') ?? path)
  }
  ids.add((await lab.send({ to: 'delivered@sandbox.mailwok.test' })).headers.get('x-request-id') ?? 'send')
  expect(ids.size).toBe(5)
  for (const id of ids) expect(id).toMatch(/^req_[0-9a-z]{12}$/)
})

test('after all that nothing was sent', () => expect(lab.mx.connections).toBe(0))
