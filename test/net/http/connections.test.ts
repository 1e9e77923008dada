import { afterEach, beforeEach, expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { StubResolver } from '../../../src/net/dns/stub.ts'
import { OutgoingHttp, type OutgoingHttpOptions } from '../../../src/net/http/outgoing.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { type FakeDns, startDns } from '../../support/dns.ts'
import { startWeb, text, type WebServer } from '../../support/https.ts'
import { until } from '../../support/until.ts'

const NAME = 'web.example.test'
const POST = { maxOctets: 1000, within: 10_000, body: 'x' }
const KEEP = { ...POST, keep: true }

let dns: FakeDns
let clock: HandClock
let resolver: StubResolver
let web: WebServer

beforeEach(async () => {
  dns = await startDns({
    [NAME]: { A: ['127.0.0.1'] },
    'other.example.test': { A: ['127.0.0.1'] },
  })
  clock = handClock()
  resolver = new StubResolver({ servers: [{ address: '127.0.0.1', port: dns.port }], clock })
  web = await startWeb(NAME, text('hello'))
})
afterEach(async () => {
  resolver.close()
  await Promise.all([dns.close(), web.close()])
})

const outgoing = (over: Partial<OutgoingHttpOptions> = {}): OutgoingHttp =>
  new OutgoingHttp({ resolver, clock, allow: [], allowPrivate: true, ca: web.ca, ...over })
const url = (host = NAME): string => `https://${host}:${web.port}/`
const kindOf = (answered: Awaited<ReturnType<OutgoingHttp['get']>>): string =>
  answered.ok ? String(answered.value.status) : answered.error.kind

test('posts that may come twice share a connection, one after the other; others have one each', async () => {
  const http = outgoing()
  for (let post = 0; post < 5; post++) expect(kindOf(await http.post(url(), KEEP))).toBe('200')
  expect(web.made).toBe(1)
  expect(kindOf(await http.post(url(), POST))).toBe('200')
  expect(web.made).toBe(2)
  await until('it has ended', () => web.standing === 1)
})

test('what is silent for a moment is closed', async () => {
  await outgoing().post(url(), KEEP)
  expect(web.standing).toBe(1)
  await until('it is closed', () => web.standing === 0)
})

test('at most 32 to one place stay behind', async () => {
  await using plain = await startWeb(null, () => {})
  const http = outgoing()
  const answers: (() => void)[] = []
  plain.script = (_request, response) => void answers.push(() => response.end())
  const asking = Array.from({ length: 50 }, () => http.post(`http://${NAME}:${plain.port}/`, KEEP))
  await until('all have come', () => answers.length === 50)
  for (const answer of answers) answer()
  await Promise.all(asking)
  await until('the others are closed', () => plain.standing <= 32)
  expect(plain.standing).toBeGreaterThan(0)
})

test("a connection that is kept to a place of ours is nobody else's way in", async () => {
  await using plain = await startWeb(null, text('ours'))
  const allow = [{ host: 'localhost', port: plain.port }]
  const http = outgoing({ allowPrivate: false, allow, ca: null })
  const there = (host: string) => http.post(`http://${host}:${plain.port}/`, KEEP)
  expect(kindOf(await there('localhost'))).toBe('200')
  expect(plain.standing).toBe(1)
  for (const host of [NAME, 'other.example.test', '127.0.0.1']) {
    expect(kindOf(await there(host))).toBe('forbidden')
  }
  expect(kindOf(await there('localhost'))).toBe('200')
  expect(plain.made).toBe(1)
})

test('a name that leads to another address is asked there', async () => {
  await using plain = await startWeb(null, text('ours'))
  const answers = ['127.0.0.1', '127.0.0.9']
  const shifty = { addresses: async () => ({ ok: true, value: { records: answers.splice(0, 1) } }) as never }
  const http = outgoing({ resolver: shifty, ca: null })
  const there = () => http.post(`http://${NAME}:${plain.port}/`, KEEP)
  expect(kindOf(await there())).toBe('200')
  // Nobody listens there: a kept connection would have hidden it.
  expect(kindOf(await there())).toBe('connect')
})

test('a kept connection proves the name that it was made for and no other', async () => {
  const http = outgoing()
  expect(kindOf(await http.post(url(), KEEP))).toBe('200')
  expect(kindOf(await http.post(url('other.example.test'), KEEP))).toBe('certificate')
  expect(kindOf(await http.post(`https://127.0.0.1:${web.port}/`, KEEP))).toBe('certificate')
  expect(web.seen).toHaveLength(1)
})

test('a kept connection that has died is followed by a new one, once; a new one that dies is broken', async () => {
  let lives = 0
  const server = createServer((socket) => {
    const life = ++lives
    let asked = 0
    socket.on('error', () => undefined)
    socket.on('data', () => {
      asked++
      // The first connection answers once, the third never.
      if (life === 3 || asked === 2) socket.destroy()
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { readonly port: number }
  const http = outgoing()
  const ask = async () => kindOf(await http.post(`http://${NAME}:${port}/`, KEEP))
  try {
    expect([await ask(), lives]).toEqual(['200', 1])
    expect([await ask(), lives]).toEqual(['200', 2])
    expect([await ask(), lives]).toEqual(['broken', 3])
  } finally {
    server.close()
  }
})

test('an answer that breaks on a kept connection is not asked for again', async () => {
  const http = outgoing()
  await http.post(url(), KEEP)
  web.script = (_request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => response.socket?.destroy())
  }
  expect(kindOf(await http.post(url(), KEEP))).toBe('broken')
  expect(web.seen).toHaveLength(2)
})

test('a head without an end is broken off', async () => {
  let sent = 0
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 200 OK\r\n')
    const more = (): void => {
      sent++
      if (sent < 100_000 && !socket.destroyed) socket.write(`x-${sent}: ${'y'.repeat(1000)}\r\n`, more)
    }
    more()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { readonly port: number }
  try {
    expect(kindOf(await outgoing().post(`http://${NAME}:${port}/`, KEEP))).toBe('broken')
    expect(sent).toBeLessThan(10_000)
  } finally {
    server.close()
  }
})
