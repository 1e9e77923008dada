import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { Domain } from '../../../src/core/address.ts'
import { MINUTE } from '../../../src/core/time.ts'
import { readyProof } from '../../../src/mail/tracking/ready.ts'
import { StubResolver } from '../../../src/net/dns/stub.ts'
import { OutgoingHttp } from '../../../src/net/http/outgoing.ts'
import { TrackingHosts } from '../../../src/services/domains/tracking-hosts.ts'
import { storeOptions } from '../../store/contract/samples.ts'
import { type Authority, authority } from '../../support/authority.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { type FakeDns, startDns } from '../../support/dns.ts'
import { startWeb, text, type WebServer } from '../../support/https.ts'

const KEY = Buffer.alloc(32, 1)
const OLD = Buffer.alloc(32, 2)
const US = text(readyProof(KEY))
const EXAMPLE = 'example.com' as Domain
const NEWS = 'news.example.com' as Domain

let dns: FakeDns
let clock: HandClock
let resolver: StubResolver
let web: WebServer
let root: Authority

beforeEach(async () => {
  dns = await startDns({
    'mail.host.test': { A: ['127.0.0.1'] },
    'track.example.com': { A: ['127.0.0.1'] },
    'track.uncovered.test': { A: ['127.0.0.1'] },
  })
  clock = handClock()
  resolver = new StubResolver({ servers: [{ address: '127.0.0.1', port: dns.port }], clock, cacheEntries: 0 })
  root = authority('Test root')
  web = await startWeb(root.issue({ names: ['mail.host.test', 'track.example.com'] }), US)
})
afterEach(async () => {
  resolver.close()
  await Promise.all([dns.close(), web.close()])
})

interface Over {
  readonly publicUrl?: string
  readonly ca?: string | null
  readonly lab?: boolean
  readonly named?: () => Promise<ReadonlyMap<Domain, string>>
}

function hosts({
  publicUrl = `https://mail.host.test:${web.port}`,
  ca = root.cert,
  lab = false,
  ...more
}: Over = {}) {
  const http = new OutgoingHttp({ resolver, clock, allow: [], allowPrivate: true, ca })
  return new TrackingHosts({
    http,
    keys: [KEY, OLD],
    clock,
    log: storeOptions().log,
    publicUrl,
    lab,
    ...more,
  })
}
const base = (host: string): string => `https://${host}:${web.port}`

test('a domain may name another host for its links, also while it runs', async () => {
  const names = new Map<Domain, string>()
  const tracking = hosts({ named: async () => new Map(names) })
  await tracking.upkeep()
  expect(await tracking.readiness(EXAMPLE, true)).toEqual({ base: base('track.example.com') })
  dns.set('links.example.com', { A: ['127.0.0.1'] })
  names.set(EXAMPLE, 'links.example.com')
  tracking.forget(EXAMPLE)
  await tracking.upkeep()
  // Its certificate does not have that name: links stand under our own.
  expect(await tracking.readiness(EXAMPLE, true)).toEqual({ base: base('mail.host.test') })
  await web.close()
  web = await startWeb(root.issue({ names: ['mail.host.test', 'links.example.com'] }), US)
  const again = hosts({ named: async () => new Map(names) })
  await again.upkeep()
  expect(await again.readiness(EXAMPLE, true)).toEqual({ base: base('links.example.com') })
  expect(again.publicBaseFor(NEWS)).toBe(base('links.example.com'))
})

test('a host of the domain with our certificate is where its links lead', async () => {
  const tracking = hosts()
  expect(await tracking.readiness(EXAMPLE, true)).toEqual({ base: base('track.example.com') })
  expect(tracking.publicBaseFor(EXAMPLE)).toBe(base('track.example.com'))
  expect(tracking.publicBaseFor(NEWS)).toBe(base('track.example.com'))
  expect(web.seen.map(({ path }) => path)).toEqual(['/o/ready'])
})

test('before its CNAME was seen nobody asks it: the public host stands in', async () => {
  const tracking = hosts()
  expect(await tracking.readiness(EXAMPLE, false)).toEqual({ base: base('mail.host.test') })
  expect(tracking.publicBaseFor(EXAMPLE)).toBe(base('mail.host.test'))
})

test('so it does where the certificate does not cover the name', async () => {
  expect(await hosts().readiness('uncovered.test' as Domain, true)).toEqual({ base: base('mail.host.test') })
})

test('a node with an older secret of ours is us', async () => {
  web.script = text(readyProof(OLD))
  expect(await hosts().readiness(EXAMPLE, true)).toEqual({ base: base('track.example.com') })
})

test.each<[string, Over, RegExp]>([
  ['a certificate that nobody signed', { ca: null }, /certificate/i],
  ['a name without an address', { publicUrl: 'https://nowhere.host.test' }, /nowhere\.host\.test/],
  ['plain http', { publicUrl: 'http://mail.host.test' }, /is not https/],
])('not ready: %s', async (_, over, why) => {
  const tracking = hosts(over)
  const got = await tracking.readiness(EXAMPLE, false)
  expect('off' in got && got.off).toMatch(why)
  // A way out stands nevertheless.
  expect(tracking.publicBaseFor(EXAMPLE)).toBe(over.publicUrl ?? base('mail.host.test'))
})

test.each([
  ['somebody else', text('hello')],
  ['another installation', text(readyProof(Buffer.alloc(32, 3)))],
  ['a proxy without us behind it', text('', 'text/plain', 502)],
  ['more than we read', text('x'.repeat(5000))],
])('not ready: %s answers', async (_, script) => {
  web.script = script
  expect(await hosts().readiness(EXAMPLE, true)).toMatchObject({
    off: expect.stringContaining('track.example.com'),
  })
})

test('it is asked once, however much mail there is, and again by the clock', async () => {
  const tracking = hosts()
  await Promise.all([1, 2, 3].map(() => tracking.readiness(EXAMPLE, false)))
  await tracking.upkeep()
  expect(web.seen).toHaveLength(1)
  clock.advance(5 * MINUTE)
  await tracking.upkeep()
  expect(web.seen).toHaveLength(2)
})

test('one that was put right is ready a minute later', async () => {
  web.script = text('hello')
  const tracking = hosts()
  expect(await tracking.readiness(EXAMPLE, false)).toHaveProperty('off')
  web.script = US
  clock.advance(MINUTE)
  await tracking.upkeep()
  expect(await tracking.readiness(EXAMPLE, false)).toEqual({ base: base('mail.host.test') })
})

test('one that was right is given up at the third failure in a row', async () => {
  const tracking = hosts()
  await tracking.readiness(EXAMPLE, false)
  web.script = text('', 'text/plain', 502)
  const ready: boolean[] = []
  for (const wait of [5, 1, 1]) {
    clock.advance(wait * MINUTE)
    await tracking.upkeep()
    ready.push('base' in (await tracking.readiness(EXAMPLE, false)))
  }
  expect(ready).toEqual([true, true, false])
})

test('a domain that sends no more is asked no more; one that was looked at is asked at once', async () => {
  const tracking = hosts()
  const asked = () =>
    web.seen.filter(({ headers }) => headers['host'] === `track.example.com:${web.port}`).length
  await tracking.readiness(EXAMPLE, true)
  tracking.forget(EXAMPLE)
  await tracking.readiness(EXAMPLE, true)
  expect(asked()).toBe(2)
  clock.advance(61 * MINUTE)
  await tracking.upkeep()
  expect(asked()).toBe(2)
})

test('a lab needs nothing, and learns where it listens', async () => {
  const tracking = hosts({ lab: true })
  tracking.listens('http://127.0.0.1:8080')
  expect(await tracking.readiness(EXAMPLE, true)).toEqual({ base: 'http://127.0.0.1:8080' })
  expect(tracking.publicBaseFor(EXAMPLE)).toBe('http://127.0.0.1:8080')
  await tracking.upkeep()
  expect(web.seen).toEqual([])
})
