import { expect, test } from 'bun:test'
import { isFrom, networkIn, networksBeyond } from '../../../src/services/accounts/networks.ts'

test.each([
  ['192.0.2.7/24', '192.0.2.0/24'],
  ['192.0.2.7', '192.0.2.7/32'],
  [' 10.0.0.0/8 ', '10.0.0.0/8'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['2001:DB8:0::1/32', '2001:db8::/32'],
  ['::1', '::1/128'],
  ['::/0', '::/0'],
  ['::ffff:192.0.2.9/120', '192.0.2.0/24'],
  ['::ffff:192.0.2.9', '192.0.2.9/32'],
  ['192.0.2.0/33', null],
  ['2001:db8::/129', null],
  ['::ffff:192.0.2.0/90', null],
  ['192.0.2/24', null],
  ['0x7f.1/8', null],
  ['192.0.2.0/-1', null],
  ['192.0.2.0/', null],
  ['192.0.2.0/24/8', null],
  ['fe80::1%eth0/64', null],
  ['everywhere', null],
  ['', null],
])('%p is %p', (text, network) => {
  expect(networkIn(text)).toBe(network)
})

test.each<readonly [networks: readonly string[], address: string, want: boolean]>([
  [[], '203.0.113.9', true],
  [[], '', true],
  [['192.0.2.0/24'], '192.0.2.0', true],
  [['192.0.2.0/24'], '192.0.2.255', true],
  [['192.0.2.0/24'], '192.0.3.0', false],
  [['192.0.2.0/24'], '::ffff:192.0.2.9', true],
  [['192.0.2.0/24'], '2001:db8::1', false],
  [['0.0.0.0/0'], '2001:db8::1', false],
  [['::/0'], '192.0.2.1', false],
  [['2001:db8::/32', '192.0.2.0/24'], '192.0.2.1', true],
  [['192.0.2.0/24'], '', false],
  [['192.0.2.0/24'], 'nonsense', false],
])('from %j with %p: %p', (networks, address, want) => {
  expect(isFrom(networks, address)).toBe(want)
})

test.each<readonly [wanted: readonly string[], own: readonly string[], want: readonly string[]]>([
  [['0.0.0.0/0'], [], []],
  [[], [], []],
  [[], ['192.0.2.0/24'], ['every network']],
  [['192.0.2.0/24'], ['192.0.2.0/24'], []],
  [['192.0.2.128/25'], ['192.0.2.0/24'], []],
  [['192.0.2.0/23'], ['192.0.2.0/24'], ['192.0.2.0/23']],
  [['::/0'], ['0.0.0.0/0'], ['::/0']],
  [['10.1.0.0/16', '192.0.2.1/32'], ['10.0.0.0/8'], ['192.0.2.1/32']],
])('%j is beyond %j by %j', (wanted, own, want) => {
  expect(networksBeyond(wanted, own)).toEqual(want)
})
