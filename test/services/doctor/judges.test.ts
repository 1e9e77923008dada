// What no set-up on a test's machine shows: the boundaries of the judges, fact by fact.

import { describe, expect, test } from 'bun:test'
import type { Diagnosis } from '../../../src/core/diagnosis.ts'
import { DAY, HOUR, MINUTE } from '../../../src/core/time.ts'
import type { Webhook } from '../../../src/core/webhook.ts'
import { judgeListing } from '../../../src/services/doctor/blocklist.ts'
import { judgeOrdered } from '../../../src/services/doctor/certificate.ts'
import { judgeClock } from '../../../src/services/doctor/clock.ts'
import { type DiskFacts, judgeDisk } from '../../../src/services/doctor/disk.ts'
import { judgeEgress } from '../../../src/services/doctor/egress.ts'
import { judgeHostname, judgeNames } from '../../../src/services/doctor/hostname.ts'
import { judgeBackup, judgeQueue, judgeWebhooks } from '../../../src/services/doctor/mail.ts'
import { judgePorts } from '../../../src/services/doctor/ports.ts'
import { judgeSource } from '../../../src/services/doctor/source.ts'
import { judgeStore } from '../../../src/services/doctor/store.ts'

const named = (all: Diagnosis | readonly Diagnosis[]): readonly string[] =>
  [all].flat().map(({ ailment, state }) => `${state} ${ailment ?? '-'}`)

describe('disk', () => {
  const disk: DiskFacts = { folder: '/d', free: 50e9, size: 100e9, network: false, synced: 2 }
  test.each<[Partial<DiskFacts>, readonly string[]]>([
    [{}, ['ok -']],
    [{ free: null }, ['unknown disk_low']],
    [{ free: 63e6 }, ['fail disk_full']],
    [{ free: 1.9e9 }, ['warn disk_low']],
    // A tenth of a small disk is free: that is what it has.
    [{ free: 1.9e9, size: 10e9 }, ['ok -']],
    [{ free: 2.1e9 }, ['ok -']],
    [{ synced: 51 }, ['warn disk_slow']],
    [{ synced: 'ENOSPC' }, ['fail disk_full']],
    [{ synced: 'ENOSPC', free: 1e6 }, ['fail disk_full']],
    [{ synced: 'EROFS' }, ['fail disk_read_only']],
    [{ network: true, synced: 80 }, ['warn disk_slow', 'fail disk_network']],
  ])('%p', (facts, wanted) => {
    expect(named(judgeDisk({ ...disk, ...facts }))).toEqual([...wanted])
  })
})

describe('clock', () => {
  test.each<[readonly number[], readonly string[]]>([
    [[], ['unknown clock_unchecked']],
    [[4999], ['ok -']],
    [[-5000], ['warn clock_wrong']],
    [[60_000], ['fail clock_wrong']],
    // One of three lies.
    [[10, 20, -DAY], ['ok -']],
  ])('ahead by %p', (ahead, wanted) => {
    expect(named(judgeClock({ servers: ['time.test'], ahead }))).toEqual([...wanted])
  })

  test('nobody is to be asked', () => {
    expect(judgeClock({ servers: [], ahead: [] })).toEqual([])
  })
})

describe('egress', () => {
  const facts = {
    mode: 'direct',
    port: 25,
    hostname: 'mail.lab.test',
    hasRelay: false,
    sources: ['192.0.2.1'],
    unknown: [],
  } as const
  const tried = (address: string, answered: 'greeted' | 'silent') => ({
    domain: 'd',
    host: `mx.${address}`,
    address,
    knock: { answered, said: '' },
  })
  test('IPv6 alone is blocked', () => {
    const all = [
      tried('192.0.2.9', 'greeted'),
      tried('2001:db8::9', 'silent'),
      tried('2001:db8::8', 'silent'),
    ]
    const [found] = judgeEgress({ ...facts, tried: all })
    expect(found).toMatchObject({ ailment: 'ipv6_blocked', state: 'warn' })
    expect(found?.fix).toContain('source_ips = ["192.0.2.1"]')
  })

  test.each(['relay', 'capture'] as const)('in mode %s nobody needs the port', (mode) => {
    expect(named(judgeEgress({ ...facts, mode, tried: [] }))).toEqual(['ok -'])
  })

  test('nobody could be asked', () => {
    expect(named(judgeEgress({ ...facts, tried: [], unknown: ['gmail.com'] }))).toEqual([
      'unknown egress_unchecked',
    ])
  })
})

describe('names', () => {
  const facts = {
    hostname: 'mail.lab.test',
    operator: 'ops@lab.test',
    addresses: ['8.8.4.4'],
    own: ['8.8.4.4'],
    lab: false,
  }
  test.each([
    [{}, 'ok -'],
    [{ addresses: null }, 'unknown hostname_unchecked'],
    [{ addresses: [] }, 'fail hostname_no_address'],
    [{ addresses: ['8.8.8.8'] }, 'warn hostname_elsewhere'],
    // Behind a translator nobody here knows what the world sees.
    [{ addresses: ['8.8.8.8'], own: ['10.0.0.2'] }, 'ok -'],
  ])('%p', (more, wanted) => {
    expect(named(judgeHostname({ ...facts, ...more }))).toEqual([wanted])
  })

  test('a machine without a full name', () => {
    expect(named(judgeNames({ ...facts, hostname: 'vps1' }))).toEqual(['fail hostname_not_full'])
    expect(named(judgeNames({ ...facts, hostname: 'vps1', lab: true }))).toEqual(['ok -'])
  })

  test('a PTR with the numbers of its address in any order', () => {
    const source = { address: '203.0.113.77', hello: 'x', helloLeads: null, absent: false }
    const of = (name: string) => named(judgeSource({ ...source, ptr: { state: 'ok', name } }))
    expect(of('77.113.0.203.dyn.hoster.test')).toEqual(['warn ptr_generic'])
    expect(of('ip-203-000-113-077.hoster.test')).toEqual(['warn ptr_generic'])
    expect(of('mail77.example.com')).toEqual(['ok -'])
  })

  test('a list that does not answer this name server accuses nobody', () => {
    const listing = { address: '203.0.113.7', list: 'list.test', text: '' }
    expect(named(judgeListing({ ...listing, codes: ['127.255.255.254'] }))).toEqual([
      'unknown dnsbl_unchecked',
    ])
    expect(named(judgeListing({ ...listing, codes: null }))).toEqual(['unknown dnsbl_unchecked'])
    expect(named(judgeListing({ ...listing, codes: [] }))).toEqual(['ok -'])
  })
})

describe('mail', () => {
  const now = 1_000 * DAY
  const overview = { destinations: [], waiting: 0, leased: 0, held: 0, heldFor: [] }
  const due = (ago: number) =>
    ({
      destination: 'd.test',
      provider: 'd.test',
      nextDueAt: now - ago,
      waiting: 1,
      lastError: null,
    }) as never
  test('mail is due, and nobody takes it', () => {
    const of = (ago: number, running = true) =>
      named(
        judgeQueue({
          overview: { ...overview, destinations: [due(ago)] },
          running,
          reasons: [],
          lanes: [],
          now,
        }),
      )
    expect(of(30 * MINUTE)).toEqual(['ok -'])
    expect(of(31 * MINUTE)).toEqual(['warn queue_old'])
    expect(of(DAY, false)).toEqual(['ok -'])
    const why = (...ago: readonly number[]) =>
      judgeQueue({
        overview: { ...overview, destinations: ago.map(due) },
        running: true,
        reasons: [],
        lanes: [],
        now,
      })[0]?.why
    expect(why(40 * MINUTE)).toBe('Mail to d.test has been due for 40 minutes.')
    expect(why(40 * MINUTE, 50 * MINUTE)).toBe(
      'Mail to d.test has been due for 50 minutes, and so has that to 1 other destination.',
    )
  })

  test('a provider that wants nothing from an address of ours', () => {
    const lane = { provider: 'outlook', source: '203.0.113.7', isBlocked: true, why: '550 5.7.1 S3150' }
    const of = (isBlocked: boolean) =>
      judgeQueue({ overview, running: true, reasons: [], lanes: [{ ...lane, isBlocked }], now })
    expect(named(of(false))).toEqual(['ok -'])
    expect(named(of(true))).toEqual(['warn provider_blocked'])
    expect(of(true)[0]).toMatchObject({ subject: 'outlook 203.0.113.7' })
    expect(of(true)[0]?.why).toContain('550 5.7.1 S3150')
  })

  test('a certificate that has not come yet stops no mail', () => {
    const of = (...parts: readonly string[]) =>
      named(
        judgeQueue({
          overview,
          running: true,
          reasons: parts.map((part) => ({ part, reason: 'r' })),
          lanes: [],
          now,
        }),
      )
    expect(of('certificate')).toEqual(['ok -'])
    expect(of('certificate', 'store')).toEqual(['fail queue_stopped'])
  })

  test('certificates that an authority issues', () => {
    const fault = { detail: 'the name has no address', remedy: 'publish one' }
    const of = (notAfter: number | null, last: typeof fault | null) =>
      named([judgeOrdered({ host: 'm.test', notAfter, fault: last }, now)])
    expect(of(null, null)).toEqual(['warn certificate_missing'])
    expect(of(null, fault)).toEqual(['fail certificate_missing'])
    expect(of(now, fault)).toEqual(['fail certificate_expired'])
    // Short-lived ones are well as long as their renewals go well.
    expect(of(now + 2 * DAY, null)).toEqual(['ok -'])
    expect(of(now + 2 * DAY, fault)).toEqual(['fail certificate_expires'])
    expect(of(now + 13 * DAY, fault)).toEqual(['warn certificate_expires'])
    expect(of(now + 20 * DAY, fault)).toEqual(['ok -'])
    const { why, fix } = judgeOrdered({ host: 'm.test', notAfter: null, fault }, now)
    expect(why).toContain('The last order failed: the name has no address.')
    expect(fix).toContain('publish one')
  })

  test('held, and not ready', () => {
    const facts = {
      overview: { ...overview, held: 3 },
      running: true,
      reasons: [{ part: 'store', reason: 'full' }],
      lanes: [],
      now,
    }
    expect(named(judgeQueue(facts))).toEqual(['fail queue_stopped', 'warn queue_held'])
  })

  test('webhooks, and their paths stay with us', () => {
    const webhook = {
      id: 'whk_1',
      url: 'https://a.test/secret-path',
      state: 'enabled',
      reason: '',
      failingSince: null,
    } as unknown as Webhook
    const of = (more: Partial<Webhook>) => judgeWebhooks([{ ...webhook, ...more }], now)
    expect(named(of({}))).toEqual(['ok -'])
    expect(named(of({ failingSince: now - HOUR + 1 }))).toEqual(['ok -'])
    expect(named(of({ failingSince: now - HOUR }))).toEqual(['warn webhook_failing'])
    const [disabled] = of({ state: 'disabled', reason: 'It answered 410.' })
    expect(disabled).toMatchObject({ ailment: 'webhook_disabled' })
    expect(JSON.stringify(disabled)).not.toContain('secret-path')
    // By hand.
    expect(named(of({ state: 'disabled' }))).toEqual(['ok -'])
  })

  test('backups', () => {
    const of = (lastAt: number | null, failure: string | null = null) =>
      named(judgeBackup({ folder: '/b', every: DAY, lastAt, failure, now }))
    expect(of(null)).toEqual(['warn backup_missing'])
    expect(of(now - 2 * DAY)).toEqual(['ok -'])
    expect(of(now - 2 * DAY - 1)).toEqual(['warn backup_old'])
    expect(of(now, 'disk full')).toEqual(['fail backup_failed'])
  })

  test('a store that was not read to its end, and one that is older', () => {
    const facts = {
      place: '/s',
      engine: 'sqlite',
      exists: true,
      fault: null,
      schema: 7,
      known: 7,
      damage: null,
    } as const
    expect(named(judgeStore(facts))).toEqual(['ok -'])
    expect(named(judgeStore({ ...facts, damage: 'timeout' }))).toEqual(['unknown store_unchecked'])
    expect(named(judgeStore({ ...facts, schema: 6 }))).toEqual(['warn store_schema'])
    expect(named(judgeStore({ ...facts, fault: 'connection refused' }))).toEqual(['fail store_unreachable'])
  })

  test('ports: a node that does not listen, and a holder whom nobody may see', () => {
    const facts = { running: true, behind: '', hostname: 'mail.lab.test' }
    const port = { key: 'api.http', host: '127.0.0.1', port: 8080, ours: false }
    expect(named(judgePorts({ ...facts, ports: [{ ...port, holder: null }] }))).toEqual(['fail port_silent'])
    expect(named(judgePorts({ ...facts, ports: [{ ...port, holder: 'hidden' }] }))).toEqual([
      'warn port_taken',
    ])
    const caddy = judgePorts({
      ...facts,
      ports: [{ ...port, key: 'api.https', port: 443, holder: { pid: 7, name: 'caddy' } }],
    })
    expect(caddy[0]?.fix).toEqual(
      expect.arrayContaining(['mail.lab.test {', '    reverse_proxy 127.0.0.1:8080']),
    )
    expect(caddy[0]?.fix.join()).not.toContain('nginx')
  })
})
