import { afterEach, beforeEach, expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { startWeb, text } from '../../support/https.ts'
import { kindOf, NAME, type OutgoingRig, outgoingRig } from '../../support/outgoing-rig.ts'
import { until } from '../../support/until.ts'

const POST = { maxOctets: 1000, within: 10_000, body: 'x' }
const KEEP = { ...POST, keep: true }

let rig: OutgoingRig

beforeEach(async () => {
  rig = await outgoingRig()
})
afterEach(() => rig[Symbol.asyncDispose]())

test('posts that may come twice share a connection, one after the other; others have one each', async () => {
  const http = rig.outgoing()
  for (let post = 0; post < 5; post++) expect(kindOf(await http.post(rig.url(), KEEP))).toBe('200')
  expect(rig.web.made).toBe(1)
  expect(kindOf(await http.post(rig.url(), POST))).toBe('200')
  expect(rig.web.made).toBe(2)
  await until('it has ended', () => rig.web.standing === 1)
})

test('what is silent for a moment is closed', async () => {
  await rig.outgoing().post(rig.url(), KEEP)
  expect(rig.web.standing).toBe(1)
  await until('it is closed', () => rig.web.standing === 0)
})

test('at most 32 to one place stay behind', async () => {
  await using plain = await startWeb(null, () => {})
  const http = rig.outgoing()
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
  const http = rig.outgoing({ allowPrivate: false, allow, ca: null })
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
  const http = rig.outgoing({ resolver: shifty, ca: null })
  const there = () => http.post(`http://${NAME}:${plain.port}/`, KEEP)
  expect(kindOf(await there())).toBe('200')
  // Nobody listens there: a kept connection would have hidden it.
  expect(kindOf(await there())).toBe('connect')
})

test('a kept connection proves the name that it was made for and no other', async () => {
  const http = rig.outgoing()
  expect(kindOf(await http.post(rig.url(), KEEP))).toBe('200')
  expect(kindOf(await http.post(rig.url('other.example.test'), KEEP))).toBe('certificate')
  expect(kindOf(await http.post(`https://127.0.0.1:${rig.web.port}/`, KEEP))).toBe('certificate')
  expect(rig.web.seen).toHaveLength(1)
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
  const http = rig.outgoing()
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
  const http = rig.outgoing()
  await http.post(rig.url(), KEEP)
  rig.web.script = (_request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => response.socket?.destroy())
  }
  expect(kindOf(await http.post(rig.url(), KEEP))).toBe('broken')
  expect(rig.web.seen).toHaveLength(2)
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
    expect(kindOf(await rig.outgoing().post(`http://${NAME}:${port}/`, KEEP))).toBe('broken')
    expect(sent).toBeLessThan(10_000)
  } finally {
    server.close()
  }
})
