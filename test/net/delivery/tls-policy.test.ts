// Who is believed: PKIX by host name, DANE, and what the wishes of a sender change about it. Certificates are made here.

import { afterEach, describe, expect, test } from 'bun:test'
import { createHash, X509Certificate } from 'node:crypto'
import type { TlsaRecord, TlsPolicy } from '../../../src/core/route.ts'
import { authority } from '../../support/authority.ts'
import { selfSigned } from '../../support/certificate.ts'
import type { MxScript } from '../../support/mx.ts'
import type { OrderDraft } from '../../support/orders.ts'
import { mxHosts, said, slotWith } from '../../support/slot.ts'

const hosts = mxHosts()
afterEach(() => hosts.close())

const root = authority('Known Root')
const between = root.below('Known Intermediate')
const stranger = authority('Unknown Root')
const strangerBetween = stranger.below('Unknown Intermediate')

const good = between.issue({ names: ['mx.test'] })
const both = root.issue({ names: ['mx.test', 'mx2.test'] })
const wildcard = root.issue({ names: ['*.hosts.test'] })
const expired = between.issue({ names: ['mx.test'], expired: true })
const otherName = between.issue({ names: ['other.test'] })
const untrusted = strangerBetween.issue({ names: ['mx.test'] })
const untrustedOtherName = strangerBetween.issue({ names: ['other.test'] })
const untrustedExpired = strangerBetween.issue({ names: ['mx.test'], expired: true })
/** A server that presents its root as well, and one that presents its chain in any order. */
const withRoot = { ...untrusted, cert: untrusted.cert + stranger.cert }
const disordered = {
  ...untrusted,
  cert: untrusted.cert.replace(strangerBetween.cert, '') + stranger.cert + strangerBetween.cert,
}
const alone = selfSigned('mx.test')
const aloneParts = partsOf(alone.cert)

const verified: TlsPolicy = { kind: 'verified', why: 'test' }
const opportunistic: TlsPolicy = { kind: 'opportunistic' }
const none: TlsPolicy = { kind: 'none', why: 'test' }

const tlsa = (
  usage: 2 | 3,
  selector: 0 | 1,
  matchingType: 0 | 1 | 2,
  of: { der: Buffer; publicKey: Buffer },
): TlsaRecord => {
  const bytes = selector === 0 ? of.der : of.publicKey
  const hashed =
    matchingType === 0
      ? bytes
      : createHash(matchingType === 1 ? 'sha256' : 'sha512')
          .update(bytes)
          .digest()
  return { usage, selector, matchingType, data: hashed.toString('hex') }
}

interface Case {
  readonly certificate?: { readonly key: string; readonly cert: string }
  readonly script?: MxScript
  readonly order?: Omit<OrderDraft, 'mx'>
}

async function deliver({ certificate, script, order }: Case) {
  const mx = await hosts.start({ starttls: true, ...(certificate ? { certificate } : {}), ...script })
  const { send, slot } = slotWith({ ca: root.cert })
  const { outcome, evidence } = await send({ ...order, mx: [mx] })
  await slot.finish()
  const cause = 'cause' in outcome ? outcome.cause : null
  return {
    mx,
    outcome,
    evidence,
    said: said(outcome),
    detail: cause && 'detail' in cause ? cause.detail : '',
  }
}

const REFUSED = 'deferred policy tls-required'

describe('PKIX by host name (RFC 8461 section 4.1)', () => {
  test.each([
    ['signed through an intermediate', good, 'delivered 250', null],
    ['expired', expired, REFUSED, 'certificate-expired'],
    ['for another name', otherName, REFUSED, 'certificate-host-mismatch'],
    ['by an authority that nobody knows', untrusted, REFUSED, 'certificate-not-trusted'],
    ['self-signed', alone, REFUSED, 'certificate-not-trusted'],
  ] as const)('%s', async (_, certificate, want, failure) => {
    const got = await deliver({ certificate, order: { tls: verified } })
    expect(got.said).toBe(want)
    expect(got.evidence.tls?.verified).toBe(failure === null)
    expect(got.evidence.tlsSessions?.map((session) => session.failure?.type ?? null)).toEqual([failure])
    if (failure === null) {
      expect(got.mx.messages[0]?.tls?.serverName).toBe('mx.test')
      expect(got.evidence.transcript).toContain('verified by PKIX')
    } else {
      expect(got.detail).toContain(failure)
      expect(got.mx.commands.some((line) => line.includes('MAIL'))).toBe(false)
      expect(got.evidence.transcript).toContain(`not verified: ${failure}`)
    }
  })

  test.each([
    ['a.hosts.test', 'delivered 250'],
    ['a.b.hosts.test', REFUSED],
    ['hosts.test', REFUSED],
  ])('a wildcard stands for one label: %s', async (exchange, want) => {
    const got = await deliver({ certificate: wildcard, order: { tls: verified, exchange } })
    expect(got.said).toBe(want)
  })

  test.each([
    [good, true],
    [otherName, false],
    [alone, false],
  ])(
    'opportunistic TLS takes any certificate and writes down what it proves',
    async (certificate, proven) => {
      const got = await deliver({ certificate, order: { tls: opportunistic } })
      expect(got.said).toBe('delivered 250')
      expect(got.evidence.tls?.verified).toBe(proven)
      expect(got.evidence.tlsSessions).toEqual([
        { mx: 'mx.test', address: '127.0.0.1', source: '127.0.0.1', failure: null },
      ])
    },
  )

  test('a host that fails is passed over, and no word is said in clear', async () => {
    const bad = await hosts.start({ starttls: true, certificate: untrusted, host: '127.0.0.2' })
    const plain = await hosts.start({ host: '127.0.0.3', port: bad.port })
    const fine = await hosts.start({
      starttls: true,
      certificate: root.issue({ names: ['mx3.test'] }),
      host: '127.0.0.4',
      port: bad.port,
    })
    const { send, slot } = slotWith({ ca: root.cert })
    const { outcome, evidence } = await send({ mx: [bad, plain, fine], tls: verified })
    await slot.finish()
    expect(said(outcome)).toBe('delivered 250')
    expect(evidence.address).toBe('127.0.0.4')
    expect(evidence.tlsSessions?.map(({ mx, failure }) => `${mx} ${failure?.type ?? 'fine'}`)).toEqual([
      'mx.test certificate-not-trusted',
      'mx2.test starttls-not-supported',
      'mx3.test fine',
    ])
    expect([...bad.commands, ...plain.commands].some((line) => line.includes('MAIL'))).toBe(false)
  })
})

describe('DANE (RFC 7672)', () => {
  test.each([
    // records → what comes of it, with which certificate
    ['3 1 1', [tlsa(3, 1, 1, aloneParts)], 'delivered 250', alone],
    ['3 1 1, whatever the name', [tlsa(3, 1, 1, untrustedOtherName)], 'delivered 250', untrustedOtherName],
    ['3 1 1, whatever the date', [tlsa(3, 1, 1, untrustedExpired)], 'delivered 250', untrustedExpired],
    ['3 0 1', [tlsa(3, 0, 1, untrusted)], 'delivered 250', untrusted],
    ['3 0 2', [tlsa(3, 0, 2, untrusted)], 'delivered 250', untrusted],
    ['3 1 0', [tlsa(3, 1, 0, untrusted)], 'delivered 250', untrusted],
    ['3 0 0', [tlsa(3, 0, 0, untrusted)], 'delivered 250', untrusted],
    ['one of two matches', [tlsa(3, 1, 1, good), tlsa(3, 1, 1, untrusted)], 'delivered 250', untrusted],
    ['3 1 1 of another key', [tlsa(3, 1, 1, good)], REFUSED, untrusted],
    ['another key, whoever signed it', [tlsa(3, 1, 1, untrusted)], REFUSED, good],
    ['2 1 1 of the intermediate', [tlsa(2, 1, 1, strangerBetween)], 'delivered 250', untrusted],
    ['2 0 2 of the intermediate', [tlsa(2, 0, 2, strangerBetween)], 'delivered 250', untrusted],
    ['2 1 1 of the root, which is presented', [tlsa(2, 1, 1, stranger)], 'delivered 250', withRoot],
    ['2 0 1 of the root, in a disordered chain', [tlsa(2, 0, 1, stranger)], 'delivered 250', disordered],
    ['2 1 1 of a root that is not presented', [tlsa(2, 1, 1, stranger)], REFUSED, untrusted],
    ['2 1 1 and another name', [tlsa(2, 1, 1, strangerBetween)], REFUSED, untrustedOtherName],
    ['2 1 1 and expired', [tlsa(2, 1, 1, strangerBetween)], REFUSED, untrustedExpired],
    ['2 1 1 of somebody else', [tlsa(2, 1, 1, between)], REFUSED, untrusted],
    ['2 1 1 of the leaf itself', [tlsa(2, 1, 1, untrusted)], REFUSED, untrusted],
    ['no usable record: encryption alone', [], 'delivered 250', untrusted],
  ] satisfies [string, TlsaRecord[], string, typeof alone][])('%s', async (_, records, want, certificate) => {
    const got = await deliver({ certificate, order: { tlsa: records } })
    expect(got.said).toBe(want)
    if (want !== REFUSED) expect(got.mx.messages[0]?.tls).not.toBeNull()
    if (records.length > 0) expect(got.evidence.tls?.verified).toBe(want !== REFUSED)
  })

  test('a chain with a key that nobody knows is no proof, and costs no worker', async () => {
    const leaf = stranger.issue({ names: ['mx.test'] })
    const p256 = Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07])
    const strange = Buffer.from(stranger.der)
    strange[strange.lastIndexOf(p256) + p256.length - 1] = 0x7f
    const pem = `-----BEGIN CERTIFICATE-----\n${strange.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
    const order = { tlsa: [tlsa(2, 1, 1, stranger)] }
    const got = await deliver({ certificate: { ...leaf, cert: leaf.cert + pem }, order })
    expect(got.said).toBe(REFUSED)
    expect(got.evidence.tlsSessions?.[0]?.failure?.type).toBe('validation-failure')
  })

  test('a host with records that offers no TLS, or fails at it, gets nothing', async () => {
    const order = { tlsa: [tlsa(3, 1, 1, good)] }
    for (const script of [{ starttls: false }, { at: { TLS: { drop: true } } }] satisfies MxScript[]) {
      const got = await deliver({ script, order })
      expect(got.said).toBe(REFUSED)
      expect(got.mx.messages).toEqual([])
    }
    const got = await deliver({ script: { starttls: false }, order: { tlsa: [] } })
    expect(got.said).toBe(REFUSED)
  })

  test('MTA-STS does not make up for DANE that fails, and adds to DANE that proves nothing', async () => {
    const failing = { tls: verified, tlsa: [tlsa(3, 1, 1, untrusted)] }
    expect((await deliver({ certificate: good, order: failing })).said).toBe(REFUSED)
    const unusable = { tls: verified, tlsa: [] }
    expect((await deliver({ certificate: good, order: unusable })).said).toBe('delivered 250')
    expect((await deliver({ certificate: untrusted, order: unusable })).said).toBe(REFUSED)
  })
})

describe('what a sender wishes (RFC 8689)', () => {
  test.each([
    ['verified, offered', { certificate: good, script: { requireTls: true } }, 'delivered 250'],
    ['verified, not offered', { certificate: good }, 'bounced policy requiretls-unsupported'],
    ['not verified', { certificate: untrusted, script: { requireTls: true } }, REFUSED],
    ['no TLS', { script: { starttls: false, requireTls: true } }, REFUSED],
  ] satisfies [string, Case, string][])('REQUIRETLS: %s', async (_, one, want) => {
    const got = await deliver({ ...one, order: { requireTls: true, nameProven: true } })
    expect(got.said).toBe(want)
    if (want === 'delivered 250') expect(got.mx.messages[0]?.parameters['REQUIRETLS']).toBe('')
    else expect(got.mx.messages).toEqual([])
  })

  test('REQUIRETLS: DANE is proof as well, and a host that does not offer it is passed over', async () => {
    const order = { requireTls: true, nameProven: true, tlsa: [tlsa(3, 1, 1, untrusted)] } as const
    const script = { requireTls: true }
    expect((await deliver({ certificate: untrusted, script, order })).said).toBe('delivered 250')
    const without = await hosts.start({ starttls: true, certificate: both, host: '127.0.0.2' })
    const offers = await hosts.start({
      starttls: true,
      certificate: both,
      requireTls: true,
      host: '127.0.0.3',
      port: without.port,
    })
    const { send, slot } = slotWith({ ca: root.cert })
    const { outcome, evidence } = await send({ mx: [without, offers], requireTls: true, nameProven: true })
    await slot.finish()
    expect(said(outcome)).toBe('delivered 250')
    expect(evidence.address).toBe('127.0.0.3')
  })

  test.each([
    ['STS', { tls: verified }],
    ['DANE', { tlsa: [tlsa(3, 1, 1, good)] }],
    ['required', { tls: { kind: 'required', why: 'test' } }],
  ] satisfies [string, Case['order']][])('TLS-Required: No goes before %s', async (_, order) => {
    for (const script of [{}, { starttls: false }, { at: { TLS: { drop: true } } }] satisfies MxScript[]) {
      const got = await deliver({ certificate: untrusted, script, order: { ...order, tlsOptional: true } })
      expect(got.said).toBe('delivered 250')
    }
  })

  test('without TLS by policy there is none', async () => {
    const got = await deliver({ certificate: good, order: { tls: none } })
    expect(got.said).toBe('delivered 250')
    expect(got.evidence.tls).toBeNull()
    expect(got.evidence.tlsSessions).toBeUndefined()
  })
})

describe('a kept connection', () => {
  test('is used again only as safely as the next message demands', async () => {
    const mx = await hosts.start({ starttls: true, certificate: untrusted, requireTls: true })
    const { send, slot } = slotWith({ ca: root.cert })
    const record = tlsa(3, 1, 1, untrusted)
    const seen: string[] = []
    const next = async (draft: Omit<OrderDraft, 'mx'>) => {
      const { outcome, evidence } = await send({ ...draft, mx: [mx] })
      seen.push(`${said(outcome)} over ${mx.connections}${evidence.tlsSessions ? '' : ' kept'}`)
    }
    await next({})
    await next({ tls: { kind: 'required', why: 'test' } })
    await next({ tlsa: [record] })
    await next({ tlsa: [record] })
    await next({})
    await next({ tls: verified })
    await slot.finish()
    expect(seen).toEqual([
      'delivered 250 over 1',
      'delivered 250 over 1 kept',
      'delivered 250 over 2',
      'delivered 250 over 2 kept',
      'delivered 250 over 2 kept',
      `${REFUSED} over 3`,
    ])
  })
})

function partsOf(pem: string): { der: Buffer; publicKey: Buffer } {
  const certificate = new X509Certificate(pem)
  return { der: certificate.raw, publicKey: certificate.publicKey.export({ type: 'spki', format: 'der' }) }
}
