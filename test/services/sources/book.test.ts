import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Domain } from '../../../src/core/address.ts'
import type { AccountId } from '../../../src/core/ids.ts'
import { HOUR, MINUTE } from '../../../src/core/time.ts'
import { chooseServers } from '../../../src/net/dns/servers.ts'
import { StubResolver } from '../../../src/net/dns/stub.ts'
import { type PoolSetting, SourceBook } from '../../../src/services/sources/book.ts'
import type { PoolFacts } from '../../../src/services/sources/pools.ts'
import { storeOptions } from '../../store/contract/samples.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { type FakeDns, startDns } from '../../support/dns.ts'
import { until } from '../../support/until.ts'

const V6 = '2a01:4f8::25'
const REVERSE = '5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.f.4.0.1.0.a.2.ip6.arpa'
const RIGHT = { PTR: ['mx6.host.test'], ttl: 60 }

let dns: FakeDns
beforeAll(async () => {
  dns = await startDns({ 'mx6.host.test': { AAAA: [V6], ttl: 60 } })
})
afterAll(() => dns.close())

interface Draft {
  readonly addresses?: readonly string[]
  readonly own?: readonly string[]
  readonly pools?: readonly PoolSetting[]
  readonly accounts?: ReadonlyMap<string, AccountId>
  readonly warned?: string[]
}

function bookOf({ addresses = [], own = [], pools = [], accounts = new Map(), warned = [] }: Draft) {
  const clock: HandClock = handClock()
  const servers = chooseServers([dns.address], '')
  if (!servers.ok) throw new Error(servers.error)
  const resolver = new StubResolver({ servers: servers.value, clock })
  const book = new SourceBook({
    sources: addresses.map((address) => ({
      address,
      hostname: '',
      pool: 'default',
      warm: false,
      maxPerDay: 0,
    })),
    pools,
    ownAddresses: own,
    ownName: 'own.test',
    resolver,
    accountId: async (name) => accounts.get(name) ?? null,
    clock,
    log: { ...storeOptions().log, warn: (what) => void warned.push(what) },
  })
  return {
    book,
    clock,
    async [Symbol.asyncDispose]() {
      await book.stop()
      resolver.close()
    },
  }
}

test('an IPv6 address is used once its PTR is right, looked at every hour, and warned about once', async () => {
  dns.set(REVERSE, null)
  const warned: string[] = []
  await using of = bookOf({ addresses: ['127.0.0.2', V6], warned })
  const [v4, v6] = of.book.sources
  expect([v4?.usable, v6?.usable]).toEqual([true, false])
  await of.book.start()
  await until('it was looked at', () => v6?.ptr.state === 'missing')
  expect(v4?.ptr.state).toBe('private')
  await until('the next look is set', () => of.clock.waits > 0)
  of.clock.advance(HOUR)
  await until('it was looked at again', () => of.clock.waits > 0)
  expect(warned).toEqual(['the PTR record of an outgoing address is not right: it is not used'])
  dns.set(REVERSE, RIGHT)
  of.clock.advance(HOUR)
  await until('it is right', () => v6?.usable === true)
  expect(v6?.hello).toBe('mx6.host.test')
})

test('the system may choose IPv6 only where every address of this machine that the world sees has a right PTR', async () => {
  dns.set(REVERSE, RIGHT)
  await using right = bookOf({ own: ['10.0.0.5', V6, 'fd00::1'] })
  expect(right.book.systemMayUseIpv6).toBeNull()
  await right.book.check()
  expect(right.book.systemMayUseIpv6).toBe(true)
  expect(right.book.own.map(({ address }) => address)).toEqual([V6])
  await using wrong = bookOf({ own: [V6, '2a01:4f8::26'] })
  await wrong.book.check()
  expect(wrong.book.systemMayUseIpv6).toBe(false)
  await using none = bookOf({ own: ['10.0.0.5'] })
  expect(none.book.systemMayUseIpv6).toBe(true)
})

test('the DNS is asked only for families that an address has', async () => {
  await using one = bookOf({ addresses: ['127.0.0.2'] })
  expect(one.book.families(['ipv4', 'ipv6'])).toEqual(['ipv4'])
  await using both = bookOf({ addresses: [V6, '127.0.0.2'] })
  expect(both.book.families([])).toEqual(['ipv4', 'ipv6'])
  await using system = bookOf({})
  expect(system.book.families(['ipv6'])).toEqual(['ipv6'])
})

test('a pool of an account that is made later takes its mail then', async () => {
  const accounts = new Map<string, AccountId>()
  const pools = [{ name: 'gold', domains: [], accounts: ['gold'], streams: [] }]
  await using of = bookOf({ pools, accounts })
  await of.book.start()
  const facts: PoolFacts = {
    pool: null,
    signingDomain: 'a.example' as Domain,
    accountId: 'acc_gold' as AccountId,
    stream: 'transactional',
  }
  expect(of.book.poolOf(facts)).toBe('default')
  accounts.set('gold', facts.accountId)
  await until('the next look is set', () => of.clock.waits > 0)
  of.clock.advance(MINUTE)
  await until('it is known', () => of.book.poolOf(facts) === 'gold')
})
