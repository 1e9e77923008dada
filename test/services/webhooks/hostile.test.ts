//
// Endpoints that do what they should not, over real sockets: each gets what it earned, and one that behaves has all of
// its posts meanwhile.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { EventId, MessageId } from '../../../src/core/ids.ts'
import { ok } from '../../../src/core/result.ts'
import { DAY, SECOND } from '../../../src/core/time.ts'
import type { WebhookId } from '../../../src/core/webhook.ts'
import { OutgoingHttp } from '../../../src/net/http/outgoing.ts'
import { WebhookBook } from '../../../src/services/webhooks/book.ts'
import { Poster } from '../../../src/services/webhooks/poster.ts'
import { WebhookPosting } from '../../../src/services/webhooks/posting.ts'
import { webhooksOn } from '../../../src/store/directory/webhooks.ts'
import type { PostRow } from '../../../src/store/webhook-store.ts'
import { noMeter, quietLog } from '../../edge/smtpd/agent.ts'
import { ACCOUNT } from '../../store/contract/samples.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { memoryExecutor } from '../../support/directory.ts'
import { startWeb, text, type WebServer } from '../../support/https.ts'
import { knownHook } from '../../support/known-hook.ts'
import { until } from '../../support/until.ts'

const HEAD = 'HTTP/1.1 200 OK\r\n'
const EMPTY = 'content-length: 0\r\n\r\n'
/** Until the peer has had enough. */
const pour = (socket: Socket, chunk: string): void => {
  const more = (error?: Error | null): void => {
    if (!error && !socket.destroyed) socket.write(chunk, more)
  }
  more()
}

let inside = 0
const CONDUCT: Readonly<Record<string, (socket: Socket, clock: HandClock) => void>> = {
  good: (socket) => socket.write(`${HEAD}${EMPTY}`),
  hang: () => {},
  drip(socket, clock) {
    const octets = [...`${HEAD}content-length: 1000\r\n\r\n${'x'.repeat(1000)}`]
    const next = (): void => {
      if (!socket.destroyed) socket.write(octets.shift() ?? 'x')
      clock.after(SECOND, next)
    }
    next()
  },
  inside: (socket) =>
    socket.write(`HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:${socket.localPort}/secret\r\n${EMPTY}`),
  secret: () => inside++,
  'long-head': (socket) => pour(socket, `x-a: ${'y'.repeat(60_000)}\r\n`),
  'long-body': (socket) => {
    socket.write(`${HEAD}\r\n`)
    pour(socket, 'y'.repeat(60_000))
  },
  reset: (socket) => void socket.resetAndDestroy(),
  junk: (socket) => socket.write('SSH-2.0-nothing\r\n\0\0\0'),
  late: (socket) => socket.write(`HTTP/1.1 429 No\r\nretry-after: 99999999999999999999\r\n${EMPTY}`),
  'much-later': (socket) => socket.write(`HTTP/1.1 503 No\r\nretry-after: 999999999\r\n${EMPTY}`),
  past: (socket) => socket.write(`HTTP/1.1 503 No\r\nretry-after: Thu, 01 Jan 1970 00:00:00 GMT\r\n${EMPTY}`),
  twice: (socket) => socket.write(`${HEAD}${EMPTY}HTTP/1.1 200 OK\r\n${EMPTY}`),
  gone: (socket) => socket.write(`HTTP/1.1 410 Gone\r\n${EMPTY}`),
}

let server: Server
let port: number
let clock: HandClock
let secure: WebServer
const came = new Map<string, number>()

beforeEach(async () => {
  clock = handClock(Date.UTC(2026, 0, 2))
  came.clear()
  inside = 0
  secure = await startWeb('shop.example.test', text('ours'))
  server = createServer((socket) => {
    let got = ''
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1')
      const { index = -1, 0: end = '' } = /\r\n\r\n\{[^}]*\}/.exec(got) ?? {}
      if (index < 0) return
      const kind = /^POST \/(\S+)/.exec(got)?.[1] ?? ''
      got = got.slice(index + end.length)
      came.set(kind, (came.get(kind) ?? 0) + 1)
      CONDUCT[kind]?.(socket, clock)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  port = (server.address() as AddressInfo).port
})
afterEach(async () => {
  server.close()
  await secure.close()
})

test('each gets what it earned, and one that behaves is told everything meanwhile', async () => {
  const kinds = [...Object.keys(CONDUCT).filter((kind) => kind !== 'secret'), 'other-name']
  const store = webhooksOn('sqlite', memoryExecutor().executor)
  const idOf = (kind: string) => `whk_${kind}` as WebhookId
  const urlOf = (kind: string): string =>
    kind === 'other-name' ? `https://127.0.0.1:${secure.port}/` : `http://127.0.0.1:${port}/${kind}`
  for (const kind of kinds)
    await store.add(knownHook({ id: idOf(kind), url: urlOf(kind), secret: Buffer.alloc(32) }))
  const book = new WebhookBook({ store, open: (_, sealed) => ok(sealed), clock, log: quietLog })
  await book.read()
  const allow = [port, secure.port].map((each) => ({ host: '127.0.0.1', port: each }))
  const resolver = { addresses: () => Promise.reject(new Error('literals alone')) }
  const http = new OutgoingHttp({ resolver, clock, allow, allowPrivate: false, ca: secure.ca })
  const poster = new Poster({ http, clock, agent: 'MailWok/test' })
  const parts = { store, book, poster, clock, dice: () => 0.5, log: quietLog, meter: noMeter }
  const posting = new WebhookPosting({ ...parts, alert: async () => {} })
  let number = 0
  const tell = async (kind: string): Promise<void> => {
    const event = String(++number).padStart(12, '0')
    const post = {
      webhookId: idOf(kind),
      eventId: `evt_${event}` as EventId,
      replay: 0,
      accountId: ACCOUNT,
      messageId: `msg_${event}` as MessageId,
      body: '{}',
      dueAt: clock.now(),
      createdAt: clock.now(),
    }
    await store.replay([post])
    posting.wake()
  }
  const rows = new Map<string, PostRow>()
  const look = async (kind: string): Promise<boolean> => {
    const [row] = await store.posts({ webhookId: idOf(kind), limit: 1, state: null, after: null })
    if (row && row.attempts.length > 0) rows.set(kind, row)
    return rows.has(kind)
  }

  for (const kind of kinds) await tell(kind)
  posting.start()
  for (let count = 0; count < 50; count++) await tell('good')
  await until('it has all of its posts', () => came.get('good') === 51)
  const slow = ['hang', 'drip']
  for (const kind of kinds) if (!slow.includes(kind)) await until(`${kind} is noted`, () => look(kind))
  for (const kind of slow) {
    await until(`${kind} is noted`, async () => {
      clock.advance(SECOND)
      return look(kind)
    })
  }
  const said = (kind: string) => {
    const { status, fault } = rows.get(kind)?.attempts[0] ?? {}
    return status ?? fault?.split(':')[0]
  }
  expect(Object.fromEntries(kinds.map((kind) => [kind, said(kind)]))).toEqual({
    good: 200,
    hang: 'timeout',
    drip: 'timeout',
    inside: 301,
    'long-head': 'broken',
    'long-body': 'too-large',
    reset: 'broken',
    junk: 'broken',
    late: 429,
    'much-later': 503,
    past: 503,
    twice: 200,
    gone: 410,
    'other-name': 'certificate',
  })
  expect(inside).toBe(0)
  expect(secure.seen).toEqual([])
  // Nobody puts us off for longer than a day.
  for (const kind of kinds) {
    const row = rows.get(kind)
    if (row?.state === 'waiting' && kind !== 'gone')
      expect((row.dueAt ?? 0) - row.createdAt).toBeLessThanOrEqual(DAY + 60 * SECOND)
  }
  await posting.stop()
}, 60_000)
