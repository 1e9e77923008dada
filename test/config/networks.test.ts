import { expect, test } from 'bun:test'
import { inNetworks, neighbourhood } from '../../src/config/networks.ts'
import { isLoopback } from '../../src/config/units.ts'

const LOCAL = inNetworks([
  { address: '10.1.0.0', prefix: 16 },
  { address: '127.0.0.1', prefix: 32 },
  { address: '2001:db8::', prefix: 32 },
])

test.each([
  ['10.1.2.3', true],
  ['::ffff:10.1.2.3', true],
  ['10.2.0.1', false],
  ['127.0.0.1', true],
  ['127.0.0.2', false],
  ['2001:db8:1::5', true],
  ['2001:db9::5', false],
  ['::1', false],
  ['', false],
  ['not an address', false],
])('%s in the networks: %p', (address, want) => {
  expect(LOCAL(address)).toBe(want)
})

test('no network holds nobody', () => {
  expect(inNetworks([])('127.0.0.1')).toBe(false)
})

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.0.2.1', false],
])('%s is loopback: %p', (host, want) => {
  expect(isLoopback(host)).toBe(want)
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
])('%s counts as %s', (address, want) => {
  expect(neighbourhood(address)).toBe(want)
})
