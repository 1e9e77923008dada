import { expect, test } from 'bun:test'
import { clientAddress } from '../../../src/edge/api/client-address.ts'

const PROXIES = [
  { address: '10.0.0.0', prefix: 8 },
  { address: '127.0.0.1', prefix: 32 },
]

test.each([
  ['203.0.113.9', '198.51.100.1', '203.0.113.9', 'a stranger may write what he likes'],
  ['127.0.0.1', '198.51.100.1', '198.51.100.1', 'the proxy names the client'],
  ['127.0.0.1', '6.6.6.6, 198.51.100.1', '198.51.100.1', 'what the client wrote itself stands left of it'],
  ['127.0.0.1', '198.51.100.1, 10.1.2.3', '198.51.100.1', 'a chain of proxies'],
  ['127.0.0.1', '10.1.2.3', '127.0.0.1', 'proxies alone'],
  ['127.0.0.1', '', '127.0.0.1', 'no header'],
] as const)('peer %s with X-Forwarded-For %p is %s: %s', (peer, header, want) => {
  const request = new Request('http://mail.example.com/', { headers: { 'x-forwarded-for': header } })
  expect(clientAddress(PROXIES)(request, peer)).toBe(want)
})

test('without trusted proxies nobody is believed', () => {
  const request = new Request('http://mail.example.com/', { headers: { 'x-forwarded-for': '198.51.100.1' } })
  expect(clientAddress([])(request, '127.0.0.1')).toBe('127.0.0.1')
})
