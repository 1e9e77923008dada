//
// What our pages are once the server has written them: octets on a socket.

import { expect, test } from 'bun:test'
import { connect } from 'node:net'
import { createPublic } from '../../../src/edge/public/public.ts'
import { wayOutHead } from '../../../src/mail/tracking/way-out.ts'
import type { Leaver } from '../../../src/services/engagement/leaving.ts'
import { DELIVERY, TRACKING_KEY } from '../../support/tracked.ts'

const TOKEN = wayOutHead(DELIVERY, '', TRACKING_KEY)
const LEAVER = { signingDomain: 'shop.example' } as Leaver

function serve() {
  const left: string[] = []
  const nothing = (): void => undefined
  const answer = createPublic({
    tracking: { keys: [TRACKING_KEY], noted: nothing },
    leaving: {
      find: async () => LEAVER,
      standing: async () => 'comes',
      leave: async (_, { by }) => {
        left.push(by)
        return { ok: true, value: 'done' }
      },
      comeBack: async () => ({ ok: true, value: 'done' }),
    },
    clock: { now: () => 1 },
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
  })
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) => answer(request, '203.0.113.9') ?? new Response('for others', { status: 404 }),
  })
  return { server, left }
}

const FIELDS = 'Host: track.example.com\r\nConnection: close\r\n'

const said = (port: number, request: string): Promise<string> =>
  new Promise((done, failed) => {
    const pieces: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => void socket.write(request))
    socket.on('data', (piece) => void pieces.push(Buffer.from(piece)))
    socket.on('error', failed)
    socket.on('close', () => done(Buffer.concat(pieces).toString('utf8')))
  })

test('the answer to HEAD has the fields of GET and no body', async () => {
  const { server, left } = serve()
  await using _ = server
  for (const path of [`/u/${TOKEN}`, '/u/unknown', '/o/unknown']) {
    const ask = (method: string) => said(server.port ?? 0, `${method} ${path} HTTP/1.1\r\n${FIELDS}\r\n`)
    const [head = '', nothing] = (await ask('HEAD')).split('\r\n\r\n')
    const [fields = '', body = ''] = (await ask('GET')).split('\r\n\r\n')
    expect(nothing).toBe('')
    expect(body).toContain('</html>')
    const sorted = (text: string) =>
      text
        .toLowerCase()
        .split('\r\n')
        .filter((line) => !line.startsWith('date:'))
        .sort()
    expect(sorted(head)).toEqual(sorted(fields))
  }
  expect(left).toEqual([])
})

test.each([
  ['a length', `Content-Length: 26\r\n\r\nList-Unsubscribe=One-Click`],
  ['chunks', `Transfer-Encoding: chunked\r\n\r\n1a\r\nList-Unsubscribe=One-Click\r\n0\r\n\r\n`],
])('one click with %s acts', async (_, rest) => {
  const { server, left } = serve()
  await using _server = server
  const answer = await said(server.port ?? 0, `POST /u/${TOKEN} HTTP/1.1\r\n${FIELDS}${rest}`)
  expect(answer).toStartWith('HTTP/1.1 200')
  expect(left).toEqual(['one-click'])
})

test.each([
  ['by HTTP/1.0, without a host', `GET /u/${TOKEN} HTTP/1.0\r\n\r\n`, 200],
  ['with a host in the address', `GET http://other.example/u/${TOKEN} HTTP/1.1\r\n${FIELDS}\r\n`, 200],
  ['longer than any link', `GET /u/${'a'.repeat(15_000)} HTTP/1.1\r\n${FIELDS}\r\n`, 404],
  ['longer than a head may be', `GET /u/${'a'.repeat(150_000)} HTTP/1.1\r\n${FIELDS}\r\n`, 431],
  ['to see what we saw', `TRACE /u/${TOKEN} HTTP/1.1\r\n${FIELDS}\r\n`, 405],
])('asked %s', async (_, request, status) => {
  const { server, left } = serve()
  await using _server = server
  expect(await said(server.port ?? 0, request)).toStartWith(`HTTP/1.1 ${status} `)
  expect(left).toEqual([])
})
