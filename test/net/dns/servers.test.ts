import { expect, test } from 'bun:test'
import { believesAd, chooseServers, parseEndpoint, parseResolvConf } from '../../../src/net/dns/servers.ts'

test.each([
  ['1.2.3.4', '1.2.3.4', 53],
  ['127.0.0.1:5353', '127.0.0.1', 5353],
  ['::1', '::1', 53],
  ['[::1]', '::1', 53],
  ['[2001:db8::1]:5300', '2001:db8::1', 5300],
])('%s', (text, address, port) => {
  expect(parseEndpoint(text)).toEqual({ ok: true, value: { address, port } })
})

test.each([
  '',
  'dns.example.com',
  '1.2.3.4:0',
  '1.2.3.4:65536',
  '1.2.3.4:x',
  '127.1',
  '[::1',
  '[1.2.3.4',
  ':53',
])('%p is refused with what was wanted', (text) => {
  const parsed = parseEndpoint(text)
  expect(!parsed.ok && parsed.error).toContain('want an address such as')
})

test('the system file: comments, options and what cannot be read are passed over; three servers at most', () => {
  const text =
    '# hi\nsearch example.com\nnameserver 192.0.2.1\nnameserver\t::1 # local\n;nameserver 9.9.9.9\noptions edns0\nnameserver nonsense\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n'
  expect(parseResolvConf(text).map((endpoint) => endpoint.address)).toEqual(['192.0.2.1', '::1', '192.0.2.3'])
})

test('an empty system file means the local machine', () => {
  expect(parseResolvConf('')).toEqual([{ address: '127.0.0.1', port: 53 }])
})

test('configured servers win over the system, and a bad one is named', () => {
  expect(chooseServers([], 'nameserver 192.0.2.1')).toEqual({
    ok: true,
    value: [{ address: '192.0.2.1', port: 53 }],
  })
  expect(chooseServers(['127.0.0.1:53'], 'nameserver 192.0.2.1').ok).toBe(true)
  const bad = chooseServers(['localhost'], '')
  expect(!bad.ok && bad.error).toContain('"localhost"')
})

test.each([
  ['127.0.0.1', 'auto', true],
  ['127.0.0.53', 'auto', true],
  ['::1', 'auto', true],
  ['::ffff:127.0.0.1', 'auto', true],
  ['192.168.0.1', 'auto', false],
  ['9.9.9.9', 'auto', false],
  ['9.9.9.9', 'always', true],
  ['127.0.0.1', 'never', false],
] as const)('the AD bit of %s, with %s: %p', (address, trust, want) => {
  expect(believesAd({ address, port: 53 }, trust)).toBe(want)
})
