import { expect, test } from 'bun:test'
import {
  isAddress,
  isLoopback,
  parseDuration,
  parseListener,
  parseNameServer,
  parseNetwork,
  parseSize,
} from '../../src/config/units.ts'

test.each([
  ['0s', 0],
  ['250ms', 250],
  ['90s', 90_000],
  ['20m', 1_200_000],
  ['12h', 43_200_000],
  ['5d', 432_000_000],
  ['5', null],
  ['5 d', null],
  ['-5d', null],
  ['1.5h', null],
  ['five days', null],
  ['5D', null],
  ['9999999999d', null],
  ['', null],
] as const)('duration %p is %p', (text, want) => expect(parseDuration(text)).toBe(want))

test.each([
  ['0B', 0],
  ['512KB', 512_000],
  ['25MB', 25_000_000],
  ['1GB', 1_000_000_000],
  ['1MiB', 1_048_576],
  ['25mb', null],
  ['25', null],
  ['25 MB', null],
  ['-1MB', null],
] as const)('size %p is %p', (text, want) => expect(parseSize(text)).toBe(want))

test.each([
  ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
  ['[::]:443', { host: '::', port: 443 }],
  ['[fe80::1]:0', { host: 'fe80::1', port: 0 }],
  ['localhost:25', { host: 'localhost', port: 25 }],
  ['0.0.0.0:65535', { host: '0.0.0.0', port: 65_535 }],
  ['0.0.0.0:65536', null],
  ['::443', null],
  [':443', null],
  ['443', null],
  ['127.1:80', null],
  ['example.com:80', null],
  ['[127.0.0.1:80', null],
] as const)('listener %p is %p', (text, want) => expect(parseListener(text)).toEqual(want))

test.each([
  ['192.0.2.1', { host: '192.0.2.1', port: 53 }],
  ['2001:db8::1', { host: '2001:db8::1', port: 53 }],
  ['[2001:db8::1]:5353', { host: '2001:db8::1', port: 5353 }],
  ['127.0.0.1:0', null],
  ['dns.example', null],
] as const)('name server %p is %p', (text, want) => expect(parseNameServer(text)).toEqual(want))

test.each([
  ['127.0.0.1/32', { address: '127.0.0.1', prefix: 32 }],
  ['10.0.0.0/8', { address: '10.0.0.0', prefix: 8 }],
  ['10.1.2.3', { address: '10.1.2.3', prefix: 32 }],
  ['::1', { address: '::1', prefix: 128 }],
  ['2001:db8::/32', { address: '2001:db8::', prefix: 32 }],
  ['10.0.0.0/33', null],
  ['10.0.0/8', null],
  ['0x7f000001', null],
] as const)('network %p is %p', (text, want) => expect(parseNetwork(text)).toEqual(want))

test.each([
  ['127.0.0.1', true],
  ['127.1', false],
  ['0177.0.0.1', false],
  ['2130706433', false],
  ['::ffff:127.0.0.1', true],
  ['host', false],
] as const)('%p is an address: %p', (text, want) => expect(isAddress(text)).toBe(want))

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['localhost', true],
  ['::', false],
  ['0.0.0.0', false],
  ['192.0.2.1', false],
] as const)('%p is loopback: %p', (host, want) => expect(isLoopback(host)).toBe(want))
