//
// Owns: what both engines promise of certificates, accounts at authorities and challenges.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { CertificateChange } from '../../../src/store/certificate-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { NOW, type Open } from './samples.ts'

const MINUTE = 60_000
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))

const change = (over: Partial<CertificateChange> = {}): CertificateChange => ({
  host: 'mail.example.com',
  directory: 'https://acme.test/dir',
  chain: 'PEM',
  sealedKey: bytes('sealed'),
  course: '{"renewAt":1}',
  wantedAt: 0,
  orderUrl: '',
  sealedOrderKey: null,
  leaseUntil: 0,
  ...over,
})

export function certificateContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())
  const host = 'mail.example.com'
  const lease = (by: string, now: number, until: number) => store.certificates.lease({ host, by, now, until })

  test('one node at a time; who lost the lease changes nothing', async () => {
    await store.certificates.expect(host)
    await store.certificates.expect(host)
    expect(await lease('a', NOW, NOW + MINUTE)).toEqual({ ok: true, value: true })
    expect(await lease('b', NOW, NOW + MINUTE)).toEqual({ ok: true, value: false })
    // A restart of the same node takes up what it left.
    expect(await lease('a', NOW + 1, NOW + MINUTE)).toEqual({ ok: true, value: true })
    expect(await store.certificates.save(change(), 'b')).toEqual({ ok: true, value: false })
    expect((await store.certificates.all())[0]?.chain).toBe('')
    expect(await lease('b', NOW + MINUTE, NOW + 2 * MINUTE)).toEqual({ ok: true, value: true })
    expect(await store.certificates.save(change(), 'a')).toEqual({ ok: true, value: false })
    expect(await store.certificates.save(change(), 'b')).toEqual({ ok: true, value: true })
    const { leaseUntil: _, ...kept } = change()
    expect(await store.certificates.all()).toEqual([kept])
  })

  test('a lease that was given back is free, a row that was dropped is gone, a wish is kept', async () => {
    await store.certificates.expect(host)
    await lease('a', NOW, NOW + MINUTE)
    await store.certificates.save(change({ sealedOrderKey: bytes('k'), orderUrl: 'https://o' }), 'a')
    expect(await lease('b', NOW, NOW + MINUTE)).toEqual({ ok: true, value: true })
    expect(await store.certificates.want(host, NOW)).toEqual({ ok: true, value: true })
    expect(await store.certificates.want('no.example.com', NOW)).toEqual({ ok: true, value: false })
    const [row] = await store.certificates.all()
    expect([row?.wantedAt, row?.orderUrl, Buffer.from(row?.sealedOrderKey ?? []).toString()]).toEqual([
      NOW,
      'https://o',
      'k',
    ])
    await store.certificates.drop(host)
    expect(await store.certificates.all()).toEqual([])
  })

  test('the first account of a directory stays', async () => {
    const { certificates } = store
    expect(await certificates.account('d')).toBeNull()
    await certificates.addAccount({ directory: 'd', sealedKey: bytes('1'), url: '' })
    await certificates.addAccount({ directory: 'd', sealedKey: bytes('2'), url: '' })
    await certificates.nameAccount('d', 'https://acct/1')
    const account = await certificates.account('d')
    expect([Buffer.from(account?.sealedKey ?? []).toString(), account?.url]).toEqual(['1', 'https://acct/1'])
  })

  test('a challenge is answered until it expires', async () => {
    const { certificates } = store
    await certificates.putChallenge({ token: 't', answer: 't.x', expiresAt: NOW + MINUTE })
    await certificates.putChallenge({ token: 't', answer: 't.y', expiresAt: NOW + MINUTE })
    expect(await certificates.challenge('t', NOW)).toBe('t.y')
    expect(await certificates.challenge('u', NOW)).toBeNull()
    expect(await certificates.challenge('t', NOW + MINUTE)).toBeNull()
    await certificates.forgetChallenges(NOW + MINUTE)
    expect(await certificates.challenge('t', NOW)).toBeNull()
  })
}
