import { afterAll, beforeAll, expect, test } from 'bun:test'
import { chooseServers } from '../../../src/net/dns/servers.ts'
import { StubResolver } from '../../../src/net/dns/stub.ts'
import { systemClock } from '../../../src/ops/clock.ts'
import { checkPtr, type PtrFinding } from '../../../src/services/sources/ptr.ts'
import { type FakeDns, startDns } from '../../support/dns.ts'

let dns: FakeDns
let resolver: StubResolver

const V6 = '2a01:4f8::25'
const REVERSE = `${'5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.f.4.0.1.0.a.2'}.ip6.arpa`

beforeAll(async () => {
  dns = await startDns({
    '1.0.50.8.in-addr.arpa': { PTR: ['mx1.host.test'] },
    'mx1.host.test': { A: ['8.50.0.1'] },
    '2.0.50.8.in-addr.arpa': { PTR: ['mx2.host.test'] },
    'mx2.host.test': { A: ['8.50.0.9'] },
    '3.0.50.8.in-addr.arpa': { PTR: ['gone.host.test', 'mx3.host.test'] },
    'mx3.host.test': { A: ['8.50.0.3'] },
    '4.0.50.8.in-addr.arpa': { fault: 'servfail' },
    '5.0.50.8.in-addr.arpa': { PTR: ['mx5.host.test'] },
    'mx5.host.test': { fault: 'servfail' },
    [REVERSE]: { PTR: ['mx6.host.test'] },
    'mx6.host.test': { AAAA: ['2a01:04f8:0::0025'] },
  })
  const servers = chooseServers([dns.address], '')
  if (!servers.ok) throw new Error(servers.error)
  resolver = new StubResolver({ servers: servers.value, clock: systemClock(), patience: 500 })
})
afterAll(async () => {
  resolver.close()
  await dns.close()
})

test.each([
  ['8.50.0.1', { state: 'ok', name: 'mx1.host.test' }],
  ['8.50.0.2', { state: 'mismatch', name: 'mx2.host.test' }],
  ['8.50.0.3', { state: 'ok', name: 'mx3.host.test' }],
  ['8.50.0.4', { state: 'unchecked', name: null }],
  ['8.50.0.5', { state: 'unchecked', name: null }],
  ['8.50.0.6', { state: 'missing', name: null }],
  [V6, { state: 'ok', name: 'mx6.host.test' }],
  ['2a01:4f8::26', { state: 'missing', name: null }],
  ['127.0.0.2', { state: 'private', name: null }],
  ['10.1.1.1', { state: 'private', name: null }],
  ['fd00::1', { state: 'private', name: null }],
] as const)('%s is %p', async (address, want) => {
  expect(await checkPtr(address, resolver)).toEqual(want)
})

test('a name server that is away changes nothing that was known', async () => {
  const before: PtrFinding = { state: 'ok', name: 'mx4.host.test' }
  expect(await checkPtr('8.50.0.4', resolver, before)).toBe(before)
})
