//
// Counting and sending together: sessions in, reports out, over a fake DNS, a real web server and the real statements.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { gunzipSync } from 'node:zlib'
import { SYSTEM_ACCOUNT } from '../../../src/core/account.ts'
import type { Domain } from '../../../src/core/address.ts'
import type { AccountId, MessageId } from '../../../src/core/ids.ts'
import type { AttemptEvidence, TlsSession } from '../../../src/core/outcome.ts'
import { fault, ok } from '../../../src/core/result.ts'
import type { ReportedPolicy } from '../../../src/core/route.ts'
import { DAY, HOUR, MINUTE } from '../../../src/core/time.ts'
import { readTlsReport } from '../../../src/mail/reports/tls.ts'
import { StubResolver } from '../../../src/net/dns/stub.ts'
import { OutgoingHttp } from '../../../src/net/http/outgoing.ts'
import type { Notice } from '../../../src/services/notices/notices.ts'
import { TlsReporter } from '../../../src/services/reports/tls-reporter.ts'
import { dayOf, TlsTallies } from '../../../src/services/reports/tls-tally.ts'
import { tlsOn } from '../../../src/store/directory/tls.ts'
import { storeOptions } from '../../store/contract/samples.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { memoryExecutor } from '../../support/directory.ts'
import { type FakeDns, startDns } from '../../support/dns.ts'
import { startWeb, text, type WebServer } from '../../support/https.ts'

/** For good. */
const REFUSED = 'no such recipient'
const NET = 'example.net' as Domain
const ACCOUNT = 'acc_1' as AccountId
const GOOD: TlsSession = { mx: 'mx.example.net', address: '192.0.2.1', source: null, failure: null }
const BAD: TlsSession = {
  ...GOOD,
  failure: { type: 'starttls-not-supported', detail: 'it offers no STARTTLS' },
}

let dns: FakeDns
let web: WebServer
let clock: HandClock
let resolver: StubResolver
let store: ReturnType<typeof tlsOn>
let tallies: TlsTallies
let sent: Notice[]
let noticeFault: string | null
const policies = new Map<string, ReportedPolicy>()

beforeEach(async () => {
  web = await startWeb('reports.test', text('', 'text/plain', 201))
  dns = await startDns({
    '_smtp._tls.example.net': { TXT: ['v=TLSRPTv1; rua=mailto:tls@example.net'] },
    '_smtp._tls.post.test': { TXT: [`v=TLSRPTv1; rua=https://reports.test:${web.port}/v1`] },
    'reports.test': { A: ['127.0.0.1'] },
  })
  clock = handClock(Date.UTC(2026, 0, 2, 12))
  resolver = new StubResolver({ servers: [{ address: '127.0.0.1', port: dns.port }], clock })
  store = tlsOn('sqlite', memoryExecutor().executor)
  policies.clear()
  tallies = new TlsTallies({ store, clock, policyOf: (domain) => policies.get(domain) })
  sent = []
  noticeFault = null
})
afterEach(async () => {
  resolver.close()
  await Promise.all([dns.close(), web.close()])
})

const reporter = (over: { readonly send?: boolean } = {}): TlsReporter =>
  new TlsReporter({
    store,
    resolver,
    notices: {
      offer: async (notice) => {
        if (noticeFault !== null) return fault({ detail: noticeFault, passes: noticeFault !== REFUSED })
        sent.push(notice)
        return ok('msg_1' as MessageId)
      },
    },
    http: new OutgoingHttp({ resolver, clock, allow: [], allowPrivate: true, ca: web.ca }),
    clock,
    dice: () => 0.5,
    log: storeOptions().log,
    organization: 'mail.lab.test',
    contact: 'ops@lab.test',
    send: true,
    ...over,
  })

const note = (destination: string, sessions: readonly TlsSession[], over: Partial<AttemptEvidence> = {}) =>
  tallies.note({ accountId: ACCOUNT, destination: destination as Domain }, {
    via: 'direct',
    tlsSessions: sessions,
    ...over,
  } as AttemptEvidence)

const refuse = (why: string): void => {
  noticeFault = why
}

const today = (): number => dayOf(clock.now())

describe('counting', () => {
  test('one kind of outcome is one row, whatever its number', async () => {
    for (let n = 0; n < 5; n++) note(NET, [GOOD])
    note(NET, [BAD, GOOD])
    await tallies.flush()
    note(NET, [BAD])
    await tallies.flush()
    expect(await store.tallies(today(), NET)).toMatchObject([
      { resultType: null, count: 6, policy: { type: 'no-policy-found' }, source: '' },
      { resultType: 'starttls-not-supported', count: 2, detail: 'it offers no STARTTLS' },
    ])
  })

  test('by the policy that was in force', async () => {
    note(NET, [GOOD])
    policies.set(NET, { type: 'sts', strings: ['version: STSv1'], mxHosts: ['mx.example.net'] })
    note(NET, [GOOD])
    const fetched = { type: 'sts-policy-fetch-error', detail: 'HTTP status 404' } as const
    tallies.noteFault(NET, { policy: { type: 'sts', strings: [], mxHosts: [] }, mx: '', ...fetched })
    await tallies.flush()
    const rows = await store.tallies(today(), NET)
    expect(rows.map((row) => [row.policy.type, row.policy.mxHosts.length, row.resultType]).sort()).toEqual([
      ['no-policy-found', 0, null],
      ['sts', 0, 'sts-policy-fetch-error'],
      ['sts', 1, null],
    ])
  })

  test.each([
    ['through a smarthost', ACCOUNT, { via: 'relay:smart.test' }],
    ['of our own notices', SYSTEM_ACCOUNT, {}],
    ['that nobody opened', ACCOUNT, { tlsSessions: undefined }],
  ])('not sessions %s', async (_what, accountId, over) => {
    const evidence = { via: 'direct', tlsSessions: [GOOD], ...over } as unknown as AttemptEvidence
    tallies.note({ accountId, destination: NET }, evidence)
    await tallies.flush()
    expect(await store.talliedDomains(today())).toEqual([])
  })

  test('a store that cannot be written to is tried again', async () => {
    let broken = true
    const moody = new TlsTallies({
      store: { addTallies: async (rows) => (broken ? fault('unavailable') : store.addTallies(rows)) },
      clock,
      policyOf: () => undefined,
    })
    const evidence = { via: 'direct', tlsSessions: [GOOD] } as unknown as AttemptEvidence
    const delivery = { accountId: ACCOUNT, destination: NET }
    moody.note(delivery, evidence)
    const flushing = moody.flush()
    moody.note(delivery, evidence)
    await flushing
    broken = false
    await moody.flush()
    expect(await store.tallies(today(), NET)).toMatchObject([{ count: 2 }])
  })
})

describe('a report', () => {
  async function yesterday(...domains: readonly string[]): Promise<void> {
    for (const domain of domains) note(domain, [GOOD, BAD])
    await tallies.flush()
    clock.advance(12 * HOUR + 3 * HOUR)
  }

  test('goes by mail to whom a domain names, once', async () => {
    await yesterday(NET)
    await reporter().turn()
    await reporter().turn()
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({
      to: 'tls@example.net',
      kind: 'report',
      from: 'tls-reports',
      key: 'tlsrpt:2026-01-02.example.net@mail.lab.test:tls@example.net',
      subject:
        'Report Domain: example.net Submitter: mail.lab.test Report-ID: <2026-01-02.example.net@mail.lab.test>',
      reportType: 'tlsrpt',
      headers: {
        'TLS-Report-Domain': 'example.net',
        'TLS-Report-Submitter': 'mail.lab.test',
        'TLS-Required': 'No',
      },
      wishes: { tlsOptional: true },
      parts: [
        {
          contentType: 'application/tlsrpt+gzip',
          filename: 'mail.lab.test!example.net!1767312000!1767398399.json.gz',
        },
      ],
    })
    const json = gunzipSync(sent[0]?.parts?.[0]?.content ?? new Uint8Array())
    // What we send, we can read.
    expect(readTlsReport(json)).toMatchObject({
      ok: true,
      value: {
        domain: NET,
        organization: 'mail.lab.test',
        body: { policies: [{ policy_type: 'no-policy-found', successful: 1, failed: 1 }] },
      },
    })
  })

  test('is posted where a domain wants that', async () => {
    await yesterday('post.test')
    await reporter().turn()
    expect(web.seen).toMatchObject([
      { method: 'POST', path: '/v1', headers: { 'content-type': 'application/tlsrpt+gzip' } },
    ])
    const json = gunzipSync(Buffer.from(web.seen[0]?.body ?? '', 'latin1')).toString()
    expect(JSON.parse(json)).toMatchObject({ 'report-id': '2026-01-02.post.test@mail.lab.test' })
    expect(await store.talliedDomains(dayOf(Date.UTC(2026, 0, 2)))).toEqual([])
  })

  test('waits for the end of the day and for its own hour after it', async () => {
    note(NET, [GOOD])
    await tallies.flush()
    const own = reporter()
    clock.advance(12 * HOUR)
    await own.turn()
    clock.advance(2 * HOUR + 9 * MINUTE)
    await own.turn()
    expect(sent).toHaveLength(0)
    clock.advance(MINUTE)
    await own.turn()
    expect(sent).toHaveLength(1)
  })

  test('is made for nobody who asks for none, and nothing is kept for them', async () => {
    await yesterday('quiet.test', NET)
    await reporter().turn()
    expect(sent.map((notice) => notice.to)).toEqual(['tls@example.net' as never])
    expect(await store.talliedDomains(dayOf(Date.UTC(2026, 0, 2)))).toEqual([])
  })

  test.each([
    ['the name servers are silent', () => dns.set('_smtp._tls.example.net', { fault: 'servfail' })],
    ['it cannot be queued', () => refuse('the store is full')],
  ])('is tried again where %s, for a day', async (_what, trouble) => {
    trouble()
    await yesterday(NET)
    await reporter().turn()
    expect(sent).toHaveLength(0)
    dns.set('_smtp._tls.example.net', { TXT: ['v=TLSRPTv1; rua=mailto:tls@example.net'] })
    noticeFault = null
    clock.advance(20 * HOUR)
    await reporter().turn()
    expect(sent).toHaveLength(1)
  })

  test('that the door refuses for good is not tried again', async () => {
    await yesterday(NET)
    refuse(REFUSED)
    await reporter().turn()
    noticeFault = null
    await reporter().turn()
    expect(sent).toHaveLength(0)
  })

  test('that was refused for two days is old news', async () => {
    await yesterday('post.test')
    web.script = text('', 'text/plain', 500)
    await reporter().turn()
    clock.advance(2 * DAY)
    web.script = text('', 'text/plain', 200)
    await reporter().turn()
    expect(web.seen).toHaveLength(1)
    expect(await store.talliedDomains(dayOf(Date.UTC(2026, 0, 2)))).toEqual([])
  })

  test('is sent by nobody who was told not to, and nothing is kept', async () => {
    await yesterday(NET)
    await reporter({ send: false }).turn()
    expect(sent).toHaveLength(0)
    expect(await store.talliedDomains(dayOf(Date.UTC(2026, 0, 2)))).toEqual([])
  })
})
