//
// RFC 7672 §2.2: where TLSA records are published in a signed zone, encryption is proven by them or mail waits.

import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { policyText, startTlsLab, type TlsLab } from '../support/tls-lab.ts'

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const OTHER = 'ab'.repeat(32)

async function waits({ lab }: TlsLab): Promise<void> {
  const view = await lab.tried(await lab.sent(), 1)
  expect(view.deliveries[0]).toMatchObject({ status: 'queued', attempts: [{ outcome: 'deferred' }] })
  expect(lab.mx.messages).toEqual([])
}

test('a key that a record names is enough, though nobody signed the certificate', async () => {
  await using house = await startTlsLab({ certified: null })
  house.tlsa([3, 1, 1, digest(house.shown.publicKey)])
  const view = await house.lab.ended(await house.lab.sent())
  expect(view.deliveries[0]?.attempts[0]?.tls).toMatchObject({ verified: true })
})

test('a key that no record names gets nothing, though its certificate is in order', async () => {
  await using house = await startTlsLab()
  house.tlsa([3, 1, 1, OTHER])
  await waits(house)
})

test('a policy of MTA-STS does not make up for it', async () => {
  await using house = await startTlsLab()
  house.announce(policyText('enforce'))
  house.tlsa([3, 1, 1, OTHER])
  await waits(house)
})

test('a host that offers no STARTTLS gets nothing, even where no record can be used', async () => {
  await using house = await startTlsLab({ mx: { starttls: false } })
  house.tlsa([1, 1, 1, OTHER])
  await waits(house)
})

test('records that do not validate keep mail waiting, and nobody is spoken to', async () => {
  await using house = await startTlsLab()
  house.lab.dns.authentic = true
  house.lab.dns.set(`_${house.lab.mx.port}._tcp.mx.example.net`, { fault: 'servfail' })
  await waits(house)
  expect(house.lab.mx.commands).toEqual([])
})

test('records in a zone that nobody signed mean nothing', async () => {
  await using house = await startTlsLab({ mx: { starttls: false } })
  house.tlsa([3, 1, 1, OTHER])
  house.lab.dns.authentic = false
  const view = await house.lab.ended(await house.lab.sent())
  expect(view.deliveries[0]?.status).toBe('delivered')
})

test("the operator's word goes before both", async () => {
  const toml = '[[tls_policy]]\ndomain = "example.net"\npolicy = "opportunistic"\n'
  await using house = await startTlsLab({ mx: { starttls: false }, toml })
  house.announce(policyText('enforce'))
  house.tlsa([3, 1, 1, OTHER])
  const view = await house.lab.ended(await house.lab.sent())
  expect(view.deliveries[0]?.status).toBe('delivered')
})
