// Whose names a certificate may hold, whose host it is, and what is told of it where it proves nothing and mail goes on.

import { afterEach, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { authority } from '../../support/authority.ts'
import type { MxScript } from '../../support/mx.ts'
import type { OrderDraft } from '../../support/orders.ts'
import { mxHosts, said, slotWith } from '../../support/slot.ts'

const hosts = mxHosts()
afterEach(() => hosts.close())

const root = authority('Known Root')
const stranger = authority('Unknown Root')
const between = stranger.below('Unknown Intermediate')
const good = root.issue({ names: ['mx.test'] })
const otherName = root.issue({ names: ['other.test'] })
const expired = root.issue({ names: ['mx.test'], expired: true })
const untrusted = between.issue({ names: ['mx.test'] })
const untrustedDomain = between.issue({ names: ['receiver.test'] })
const untrustedOtherName = between.issue({ names: ['other.test'] })

const REFUSED = 'deferred policy tls-required'

async function deliver(script: MxScript, order: Omit<OrderDraft, 'mx'>) {
  const mx = await hosts.start({ starttls: true, ...script })
  const { send, slot } = slotWith({ ca: root.cert })
  const { outcome, evidence } = await send({ ...order, mx: [mx] })
  await slot.finish()
  return { mx, outcome, evidence, said: said(outcome) }
}

test.each([
  [good, null],
  [otherName, 'certificate-host-mismatch'],
  [untrusted, 'certificate-not-trusted'],
  [expired, 'certificate-expired'],
] as const)(
  'a policy under test (RFC 8461 section 5) is judged as if it were enforced, and mail goes on',
  async (certificate, failure) => {
    const reported = { type: 'sts', strings: [], mxHosts: ['mx.test'] } as const
    const got = await deliver({ certificate }, { tls: { kind: 'opportunistic' }, reported })
    expect(got.said).toBe('delivered 250')
    expect(got.evidence.tlsSessions?.map((session) => session.failure?.type ?? null)).toEqual([failure])
  },
)

test.each([
  ['the name that the host is an alias of', 'other.test', untrustedOtherName, 'delivered 250'],
  ["the host's own name", 'other.test', untrusted, 'delivered 250'],
  ['the domain of the recipients (RFC 7672 section 3.2.2)', 'other.test', untrustedDomain, 'delivered 250'],
  ['a third name', 'third.test', untrustedOtherName, REFUSED],
])('DANE-TA of an alias: a certificate for %s', async (_, tlsaBase, certificate, want) => {
  const data = createHash('sha256').update(between.publicKey).digest('hex')
  const tlsa = [{ usage: 2, selector: 1, matchingType: 1, data }] as const
  const got = await deliver({ certificate }, { tlsa, tlsaBase })
  expect(got.said).toBe(want)
  if (want !== REFUSED) expect(got.mx.messages[0]?.tls?.serverName).toBe(tlsaBase)
})

test('REQUIRETLS: a host of which nobody proves that it is one of the domain is not asked', async () => {
  const got = await deliver({ certificate: good, requireTls: true }, { requireTls: true })
  expect(got.outcome).toMatchObject({
    kind: 'deferred',
    cause: {
      rule: 'tls-required',
      detail: 'neither DNSSEC nor MTA-STS proves that mx.test is a host of receiver.test',
    },
  })
  expect(got.mx.connections).toBe(0)
})

test('REQUIRETLS: a connection that others opened to such a host is not used either', async () => {
  const mx = await hosts.start({ starttls: true, certificate: good, requireTls: true })
  const { send, slot } = slotWith({ ca: root.cert })
  expect(said((await send({ mx: [mx] })).outcome)).toBe('delivered 250')
  expect(said((await send({ mx: [mx], requireTls: true })).outcome)).toBe(REFUSED)
  await slot.finish()
  expect(mx.messages).toHaveLength(1)
})
