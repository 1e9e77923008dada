import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { type Script, startWeb, text } from '../../support/https.ts'
import { kindOf, NAME, type OutgoingRig, outgoingRig } from '../../support/outgoing-rig.ts'
import { until } from '../../support/until.ts'

const LIMITS = { maxOctets: 1000, within: 10_000 }

let rig: OutgoingRig

beforeEach(async () => {
  rig = await outgoingRig({
    'mixed.example.test': { A: ['8.8.8.8', '10.0.0.1'] },
    'mapped.example.test': { AAAA: ['::ffff:127.0.0.1'] },
    'nat64.example.test': { AAAA: ['64:ff9b::7f00:1'] },
    'broken.example.test': { fault: 'servfail' },
    'empty.example.test': { TXT: ['no address'] },
    'two.example.test': { A: ['127.0.0.9', '127.0.0.1'] },
  })
})
afterEach(() => rig[Symbol.asyncDispose]())

test('a body by a certificate that proves the name', async () => {
  const answered = await rig.outgoing().get(rig.url(NAME, '/a?b=c'), LIMITS)
  expect(answered).toMatchObject({
    ok: true,
    value: { status: 200, headers: { 'content-type': 'text/plain' }, address: '127.0.0.1' },
  })
  expect(answered.ok && answered.value.body.toString()).toBe('hello')
  expect(rig.web.seen).toMatchObject([
    { method: 'GET', path: '/a?b=c', headers: { host: `${NAME}:${rig.web.port}` } },
  ])
})

test('a post carries its body and its fields, also over plain HTTP', async () => {
  await using plain = await startWeb(null, text('', 'text/plain', 204))
  const answered = await rig.outgoing().post(`http://${NAME}:${plain.port}/hook`, {
    ...LIMITS,
    headers: { 'content-type': 'application/json', 'webhook-id': 'evt_1' },
    body: '{"a":"ä"}',
  })
  expect(kindOf(answered)).toBe('204')
  expect(plain.seen).toMatchObject([
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': 'evt_1', 'content-length': '10' },
      body: Buffer.from('{"a":"ä"}').toString('latin1'),
    },
  ])
})

describe('who cannot prove the name is not believed', () => {
  test('a certificate of another name', async () => {
    expect(kindOf(await rig.outgoing().get(rig.url('other.example.test'), LIMITS))).toBe('certificate')
    expect(rig.web.seen).toEqual([])
  })
  test('a root that is not ours', async () => {
    expect(kindOf(await rig.outgoing({ ca: null }).get(rig.url(), LIMITS))).toBe('certificate')
    expect(rig.web.seen).toEqual([])
  })
})

test('a redirect is an answer, not a way', async () => {
  rig.web.script = (_request, response) =>
    response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
  const answered = await rig.outgoing().get(rig.url(), LIMITS)
  expect(answered).toMatchObject({
    ok: true,
    value: { status: 302, headers: { location: 'http://169.254.169.254/' } },
  })
  expect(rig.web.seen).toHaveLength(1)
})

test('what is packed stays packed', async () => {
  const packed = Bun.gzipSync(Buffer.alloc(100_000))
  rig.web.script = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed)
  const answered = await rig.outgoing().get(rig.url(), LIMITS)
  expect(answered.ok && answered.value.body.length).toBe(packed.length)
})

describe('everything ends', () => {
  test.each([
    ['a body that is one octet too long', 1001, 'too-large'],
    ['a body that just fits', 1000, '200'],
  ])('%s', async (_what, octets, want) => {
    rig.web.script = text('x'.repeat(octets))
    expect(kindOf(await rig.outgoing().get(rig.url(), LIMITS))).toBe(want)
  })

  test('a body without an end', async () => {
    rig.web.script = (_request, response) => {
      response.writeHead(200)
      const more = (): unknown => response.write('x'.repeat(500), () => setImmediate(more))
      more()
    }
    expect(kindOf(await rig.outgoing().get(rig.url(), LIMITS))).toBe('too-large')
  })

  test.each<[string, Script]>([
    ['silence', () => {}],
    [
      'half an answer',
      (_request, response) => void response.writeHead(200, { 'content-length': '100' }).write('half'),
    ],
  ])('%s', async (_what, script) => {
    rig.web.script = script
    const asking = rig.outgoing().get(rig.url(), LIMITS)
    await until('it was asked', () => rig.web.seen.length === 1)
    rig.clock.advance(LIMITS.within)
    expect(kindOf(await asking)).toBe('timeout')
    expect(rig.clock.waits).toBe(0)
  })

  test('name servers that are silent', async () => {
    rig.dns.set(NAME, { fault: 'timeout' })
    const asking = rig.outgoing().get(rig.url(), { ...LIMITS, within: 100 })
    rig.clock.advance(100)
    expect(kindOf(await asking)).toBe('timeout')
  })

  test('the caller calls it off, before or meanwhile', async () => {
    rig.web.script = () => {}
    const off = new AbortController()
    const asking = rig.outgoing().get(rig.url(), { ...LIMITS, signal: off.signal })
    await until('it was asked', () => rig.web.seen.length === 1)
    off.abort()
    expect(kindOf(await asking)).toBe('aborted')
    expect(kindOf(await rig.outgoing().get(rig.url(), { ...LIMITS, signal: off.signal }))).toBe('aborted')
    expect(rig.web.seen).toHaveLength(1)
  })

  test('a connection that breaks within the answer', async () => {
    rig.web.script = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.socket?.destroy())
    }
    expect(kindOf(await rig.outgoing().get(rig.url(), LIMITS))).toBe('broken')
  })
})

test('the next address is asked where nobody heard us at the first', async () => {
  await using plain = await startWeb(null, text('hello'))
  const answered = await rig.outgoing().get(`http://two.example.test:${plain.port}/`, LIMITS)
  expect(answered).toMatchObject({ ok: true, value: { address: '127.0.0.1' } })
})

test('nobody listens', async () => {
  await rig.web.close()
  expect(kindOf(await rig.outgoing().get(rig.url(), LIMITS))).toBe('connect')
  rig.web = await startWeb(NAME, text('hello'))
})

describe('the inside', () => {
  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://0x7f.0.0.1/',
    'http://127.0.0.1./',
    'http://①②⑦.⓪.⓪.①/',
    'http://localhost/',
    'http://LOCALHOST./',
    'http://a.localhost/',
    'http://[::1]/',
    'http://[::]/',
    'http://0.0.0.0/',
    'http://0/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::ffff:8.8.8.8]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::127.0.0.1]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[2002:7f00:1::]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'http://100.64.0.1/',
    'http://web.example.test/',
    'http://mixed.example.test/',
    'http://mapped.example.test/',
    'http://nat64.example.test/',
  ])('%s is not asked', async (where) => {
    expect(kindOf(await rig.outgoing({ allowPrivate: false }).get(where, LIMITS))).toBe('forbidden')
  })

  test.each([
    ['file:///etc/passwd', 'url'],
    ['ftp://example.test/', 'url'],
    ['gopher://127.0.0.1:25/_HELO', 'url'],
    ['https://user:secret@web.example.test/', 'url'],
    ['no url', 'url'],
    ['http://', 'url'],
    [`http://web.example.test/${'a'.repeat(5000)}`, 'url'],
    ['http://missing.example.test/', 'no-address'],
    ['http://empty.example.test/', 'no-address'],
    ['http://broken.example.test/', 'dns'],
    ['http://single/', 'no-address'],
  ])('%s is %s', async (where, want) => {
    expect(kindOf(await rig.outgoing({ allowPrivate: false }).get(where.slice(0, 6000), LIMITS))).toBe(want)
  })

  test('one place may be allowed by host and port', async () => {
    await using plain = await startWeb(null, text('ours'))
    const allow = [{ host: 'localhost', port: plain.port }]
    const careful = rig.outgoing({ allowPrivate: false, allow })
    expect(kindOf(await careful.get(`http://localhost:${plain.port}/`, LIMITS))).toBe('200')
    expect(kindOf(await careful.get(`http://127.0.0.1:${plain.port}/`, LIMITS))).toBe('forbidden')
    expect(kindOf(await careful.get(`http://localhost:${rig.web.port}/`, LIMITS))).toBe('forbidden')
  })

  test('a name is asked for once: what it says a moment later does not count', async () => {
    await rig.outgoing().get(rig.url(), LIMITS)
    expect(rig.dns.asked(NAME, 'A')).toBe(1)
  })
})
