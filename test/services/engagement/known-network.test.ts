import { expect, test } from 'bun:test'
import { KNOWN_NETWORKS } from '../../../src/mail/tracking/networks.ts'
import { isKnownNetwork } from '../../../src/services/engagement/known-network.ts'

test.each([
  ['64.235.144.0', true],
  ['64.235.159.255', true],
  ['64.235.160.0', false],
  ['64.235.143.255', false],
  ['52.103.255.255', true],
  ['52.104.0.0', false],
  ['198.51.100.7', false],
  ['2001:db8::1', false],
  ['64.example', false],
  ['', false],
])('%p: %p', (ip, known) => {
  expect(isKnownNetwork(ip)).toBe(known)
})

test('no network of the table spans first octets, or has bits behind its prefix', () => {
  for (const { address, prefix } of KNOWN_NETWORKS) {
    const bits = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
    expect(prefix).toBeGreaterThanOrEqual(8)
    expect(bits % 2 ** (32 - prefix)).toBe(0)
  }
})
