//
// A peer that takes its time for every reply is no peer that hangs: it delivers, slowly. Mail for others passes it by, in
// the same campaign, of the same tenant, with the same memory.

import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { startMx } from '../support/mx.ts'
import { until } from '../support/until.ts'

const PITS = 10
const EACH = 8
const HEALTHY = 100
const SLOW_MS = 400

test('a hundred mails for healthy hosts pass eighty for tarpits that were accepted before them', async () => {
  const places = Array.from({ length: PITS }, (_, i) => ({
    domain: `pit${i}.test`,
    host: `127.0.0.${40 + i}`,
  }))
  await using lab = await startLab({
    dns: Object.fromEntries(places.map(({ domain, host }) => [domain, { A: [host] }])),
  })
  const pits = await Promise.all(
    places.map(({ host }) => startMx({ host, port: lab.mx.port, at: () => ({ slow: SLOW_MS }) })),
  )
  const slow = await Promise.all(
    Array.from({ length: EACH }, (_, i) => lab.sent({ to: places.map(({ domain }) => `r${i}@${domain}`) })),
  )
  await until('all tarpits are spoken to', () => pits.every(({ connections }) => connections > 0))
  const healthy = await Promise.all(
    Array.from({ length: HEALTHY }, (_, i) => lab.sent({ to: `r${i}@example.net` })),
  )
  for (const id of healthy) expect((await lab.ended(id)).status).toBe('delivered')
  const fromPits = () => pits.reduce((sum, { messages }) => sum + messages.length, 0)
  expect(fromPits()).toBeLessThan((PITS * EACH) / 2)
  // Slow is not lost: none of them was given up, put off or sent twice.
  await until('a tarpit has taken mail', () => fromPits() >= PITS)
  const views = await Promise.all(slow.map((id) => lab.message(id)))
  for (const { deliveries } of views) {
    for (const { attempts } of deliveries)
      expect(attempts.every(({ outcome }) => outcome === 'delivered')).toBe(true)
  }
  await Promise.all(pits.map((pit) => pit.close()))
}, 30_000)
