//
// delivery.source_ips: each lane has one of our addresses, and the evidence of an attempt names it.

import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'

test('two sources share the mail of one provider, and an IPv6 source leaves IPv4 hosts alone', async () => {
  await using lab = await startLab({ config: { 'delivery.source_ips': '::1, 127.0.0.2, 127.0.0.3' } })
  const ids = await Promise.all(Array.from({ length: 60 }, () => lab.sent()))
  const seen = new Set<string>()
  for (const id of ids) {
    const { deliveries, status } = await lab.ended(id)
    expect(status).toBe('delivered')
    for (const { attempts } of deliveries) for (const { source_ip } of attempts) seen.add(source_ip ?? 'none')
  }
  expect([...seen].sort()).toEqual(['127.0.0.2', '127.0.0.3'])
})
