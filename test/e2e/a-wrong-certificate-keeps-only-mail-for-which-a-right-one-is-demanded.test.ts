//
// Certificates that are expired, of another host or of nobody we know: without a demand mail goes encrypted all the same
// (RFC 7435); under MTA-STS (RFC 8461 §4.2) or the operator's word it waits; under DANE the key alone counts, and a
// certificate of the right key is right however old it is or whatever it calls itself (RFC 7672 §3.1.1).

import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { policyText, startTlsLab, type TlsLab, type TlsLabOptions } from '../support/tls-lab.ts'

const WRONG = {
  'is expired': { expired: true },
  'is of another host': { certified: 'mx.elsewhere.test' },
  'is of nobody we know': { certified: null },
} as const satisfies Record<string, TlsLabOptions>

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const VERIFIED = '[[tls_policy]]\ndomain = "example.net"\npolicy = "verified"\n'

const DEMANDS: Record<string, { toml?: string; demand: (house: TlsLab) => void; goes: boolean }> = {
  'nothing is demanded': { demand: () => undefined, goes: true },
  'a policy is tested': { demand: (house) => house.announce(policyText('testing')), goes: true },
  'a policy is enforced': { demand: (house) => house.announce(policyText('enforce')), goes: false },
  'the operator wants proof': { toml: VERIFIED, demand: () => undefined, goes: false },
  'DANE names its key': {
    demand: (house) => house.tlsa([3, 1, 1, digest(house.shown.publicKey)]),
    goes: true,
  },
  'DANE names another key': { demand: (house) => house.tlsa([3, 1, 1, 'ab'.repeat(32)]), goes: false },
}

const ROWS = Object.entries(WRONG).flatMap(([what, options]) =>
  Object.entries(DEMANDS).map(([when, { toml, demand, goes }]) => ({
    what,
    when,
    options: toml === undefined ? options : { ...options, toml },
    demand,
    goes,
  })),
)

test.each(ROWS)('a certificate that $what, where $when', async ({ when, options, demand, goes }) => {
  await using house = await startTlsLab(options)
  demand(house)
  const { lab } = house
  const view = await lab.tried(await lab.sent(), 1)
  expect(view.deliveries[0]?.status).toBe(goes ? 'delivered' : 'queued')
  expect(lab.mx.messages).toHaveLength(goes ? 1 : 0)
  if (!goes) return
  // In clear would be worse than with a certificate that proves nothing.
  expect(view.deliveries[0]?.attempts[0]?.tls).toMatchObject({ verified: when.startsWith('DANE') })
})
