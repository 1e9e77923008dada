import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { canonical, type Reach, reachOf } from '../../../src/net/http/reach.ts'

test.each<[string, Reach]>([
  ['8.8.8.8', 'public'],
  ['2a00:1450:4001::1b', 'public'],
  ['64:ff9b::808:808', 'public'],
  ['2002:808:808::1', 'public'],
  ['127.0.0.1', 'inside'],
  ['127.255.255.254', 'inside'],
  ['10.1.2.3', 'inside'],
  ['172.16.0.1', 'inside'],
  ['172.31.255.255', 'inside'],
  ['192.168.0.1', 'inside'],
  ['169.254.169.254', 'inside'],
  ['100.64.0.1', 'inside'],
  ['192.0.2.1', 'inside'],
  ['198.18.0.1', 'inside'],
  ['240.0.0.1', 'inside'],
  ['::1', 'inside'],
  ['fe80::1', 'inside'],
  ['fc00::1', 'inside'],
  ['fd12:3456::1', 'inside'],
  ['fec0::1', 'inside'],
  ['2001:db8::1', 'inside'],
  ['2001::1', 'inside'],
  ['64:ff9b::7f00:1', 'inside'],
  ['64:ff9b::a00:1', 'inside'],
  ['64:ff9b:1::808:808', 'inside'],
  ['2002:7f00:1::', 'inside'],
  ['0.0.0.0', 'never'],
  ['255.255.255.255', 'never'],
  ['224.0.0.1', 'never'],
  ['::', 'never'],
  ['ff02::1', 'never'],
  ['::ffff:8.8.8.8', 'never'],
  ['::ffff:127.0.0.1', 'never'],
  ['::127.0.0.1', 'never'],
  ['4000::1', 'never'],
  ['64:ff9b::', 'never'],
  ['', 'never'],
  ['localhost', 'never'],
])('%s is %s', (address, want) => {
  expect(reachOf(address)).toBe(want)
})

test.each([
  ['::ffff:9.9.9.9', '9.9.9.9'],
  ['2A00:0:0::1', '2a00::1'],
  ['not an address', 'not an address'],
])('%s is spelled %s', (address, want) => {
  expect(canonical(address)).toBe(want)
})

test('any text has a reach', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), (text) =>
      ['public', 'inside', 'never'].includes(reachOf(text)),
    ),
  )
})
