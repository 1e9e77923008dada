//
// What stands in the Host field is the client's affair: it gets an answer in the API's words, and never our sources.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { type Lab, startLab } from '../../support/appliance.ts'
import { LAB_KEY } from '../../support/lab-folder.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const LETTER = JSON.stringify({ from: 'a@example.com', to: 'a@example.net', subject: 's', text: 't' })

/** Bytes as they are, up to the end of the connection. */
function speak(...lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = ''
    const socket = connect(lab.port('api.http'), '127.0.0.1', () =>
      socket.write(lines.join('\r\n'), 'latin1'),
    )
    socket.on('data', (piece: Buffer) => {
      heard += piece.toString('latin1')
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(heard))
  })
}

const send = (host: string, key = LAB_KEY): Promise<string> =>
  speak(
    'POST /v1/email/send HTTP/1.1',
    `Host: ${host}`,
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    `Content-Length: ${LETTER.length}`,
    'Connection: close',
    '',
    LETTER,
  )

test.each(['a', 'ab', 'abc', 'a:1', 'mail.example.com', '127.0.0.1', '[::1]:8080'])(
  'a Host of %p is served',
  async (host) => {
    expect(await send(host)).toStartWith('HTTP/1.1 200')
    const stranger = lab.meanwhile(send(host, 'mwk_live_0000000000000000'))
    expect(await stranger).toStartWith('HTTP/1.1 401')
  },
)

test.each(['', 'a b', 'a/v1', '/v1/email/send', '?', 'a@b', 'abcd%zz', '[::1', 'a:99999', 'h\xf6st'])(
  'a Host of %p is a 400',
  async (host) => {
    const answer = await send(host)
    expect(answer).toStartWith('HTTP/1.1 400')
    expect(answer).toContain('"code":"invalid_request"')
    expect(answer.toLowerCase()).toContain('x-request-id: req_')
  },
)

test('HTTP/1.0 without a Host, as load balancers ask', async () => {
  expect(await speak('GET /livez HTTP/1.0', '', '')).toContain('{"status":"alive"}')
  expect(await speak('GET /v1/email/x HTTP/1.0', '', '')).toContain(' 401 ')
})

test('a compressed body is named as what it is', async () => {
  const headers = { 'content-encoding': 'gzip' }
  const answer = await lab.post('/v1/email/send', JSON.parse(LETTER), headers)
  expect([answer.status, answer.body.error.code]).toEqual([415, 'unsupported_media_type'])
})

test.each([26 * 1024 * 1024, 60_000_000])(
  '413 in our words for %i octets that were announced',
  async (octets) => {
    const answer = await lab.post('/v1/email/send', ' '.repeat(octets))
    expect([answer.status, answer.body.error.code]).toEqual([413, 'body_too_large'])
  },
)
