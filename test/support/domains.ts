//
// Owns: a house of domains for tests: store in memory, name server on a real socket, clock by hand.

import type { DkimAlgorithm, DomainChecks } from '../../src/core/account.ts'
import type { Domain } from '../../src/core/address.ts'
import { type AccountId, idsFor } from '../../src/core/ids.ts'
import { DAY, HOUR } from '../../src/core/time.ts'
import { type GeneratedKey, generateKey } from '../../src/mail/dkim/key.ts'
import { StubResolver } from '../../src/net/dns/stub.ts'
import { systemClock } from '../../src/ops/clock.ts'
import { Accounts } from '../../src/services/accounts/accounts.ts'
import { Keys } from '../../src/services/accounts/keys.ts'
import { PlanBook } from '../../src/services/accounts/plans.ts'
import { Domains } from '../../src/services/domains/domains.ts'
import type { DnsRecord } from '../../src/services/domains/records.ts'
import { secretsOf } from '../../src/services/domains/secret.ts'
import { Senders } from '../../src/services/domains/senders.ts'
import type { DomainStore } from '../../src/store/domain-store.ts'
import { handClock } from './clock.ts'
import { memoryDirectory } from './directory.ts'
import { type FakeDns, startDns, type ZoneEntry } from './dns.ts'

export const OWN = { hostname: 'mail.example.net', publicHost: 'links.example.net' }

/** Made once for all domains of a run. */
const KEYS: Readonly<Record<DkimAlgorithm, Promise<GeneratedKey>>> = {
  'rsa-sha256': generateKey('rsa-sha256'),
  'ed25519-sha256': generateKey('ed25519-sha256'),
}

export async function domainHouse() {
  const dns = await startDns()
  const directory = memoryDirectory()
  const clock = handClock()
  const ids = idsFor('0', () => clock.now())
  const accounts = new Accounts({
    directory,
    clock,
    ids,
    plans: new PlanBook(),
    onChanged: () => undefined,
  })
  const keys = new Keys({ directory, queue: { command: async () => 0, drop: async () => 0 }, clock, ids })
  const accountNamed = async (name: string): Promise<AccountId> => {
    const account = await accounts.ensure(name)
    if (!account.ok) throw new Error(account.error)
    return account.value.id
  }
  const resolver = new StubResolver({
    servers: [{ address: '127.0.0.1', port: dns.port }],
    clock: systemClock(),
    cacheEntries: 0,
  })
  const senders = new Senders({ directory, clock, own: OWN })
  const secrets = secretsOf([Buffer.alloc(32, 7)])
  const changed: string[] = []
  const domains = new Domains({
    directory,
    resolver,
    secrets,
    clock,
    ids,
    own: OWN,
    options: { checkEvery: 4 * HOUR, rotateEvery: 180 * DAY },
    newKey: (algorithm) => KEYS[algorithm],
    onChanged: (domain) => {
      changed.push(domain)
      senders.forget()
    },
  })
  const close = async (): Promise<void> => {
    await resolver.close()
    await dns.close()
  }
  return {
    accounts,
    ids,
    resolver,
    keys,
    dns,
    directory,
    clock,
    domains,
    senders,
    changed,
    accountNamed,
    close,
  }
}

export type Published = Pick<DnsRecord, 'name' | 'value' | 'strings'> & { readonly type: string }

/** Publishes what was asked for, as it was asked for. */
export function publish(dns: FakeDns, records: readonly Published[]): void {
  const zone = new Map<string, { MX?: [number, string][]; TXT?: string[][]; CNAME?: string }>()
  for (const { type, name, value, strings } of records) {
    const entry = zone.get(name) ?? {}
    zone.set(name, entry)
    const [preference = '', exchange = ''] = value.split(' ')
    if (type === 'MX') entry.MX = [[Number(preference), exchange]]
    else if (type === 'TXT') entry.TXT = [[...strings]]
    else entry.CNAME = value
  }
  for (const [name, entry] of zone) dns.set(name, entry satisfies ZoneEntry)
}

/** As if a look had seen this. */
export async function recordSeen(
  directory: Pick<DomainStore, 'recordLook'>,
  name: Domain,
  seen: { readonly checks: DomainChecks; readonly at: number; readonly verifiedAt: number | null },
): Promise<void> {
  const care = { lookAt: seen.at, wrongSince: null, wrongLooks: 0, told: '', findings: [] }
  const recorded = await directory.recordLook({ name, ...seen, care, sights: [], events: [] })
  if (!recorded.ok) throw new Error(recorded.error)
}
