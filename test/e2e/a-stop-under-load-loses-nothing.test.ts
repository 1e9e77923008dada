//
// F17: SIGTERM finishes what is under way. Every yes that was said is kept after the next start, and said once.

import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { until } from '../support/until.ts'

test('every message acknowledged by REST or SMTP before the stop arrives once', async () => {
  await using lab = await startLab({ config: { 'delivery.connections_per_provider': '2' } })
  const acknowledged = new Set<string>()
  let refused = 0
  const client = async (name: string, send: (to: string) => Promise<boolean>): Promise<void> => {
    for (let i = 0; i < 100; i++) {
      const to = `${name}-${i}@example.net`
      const accepted = await send(to).catch(() => false)
      if (accepted) acknowledged.add(to)
      else {
        refused += 1
        return
      }
    }
  }
  const clients = [
    ...['r1', 'r2', 'r3'].map((name) => client(name, async (to) => (await lab.send({ to })).status === 200)),
    ...['s1', 's2'].map((name) => client(name, async (to) => (await lab.submit({ to, text: 'x' })) !== '')),
  ]
  await until('some are through', () => lab.mx.messages.length >= 20)
  await lab.stop()
  await Promise.all(clients)
  expect(refused).toBeGreaterThan(0)
  await lab.start()
  await until('the rest is through', async () => {
    await lab.advance(500)
    return lab.mx.messages.length >= acknowledged.size
  })
  const arrived = lab.mx.messages.flatMap((message) => message.forwardPaths)
  expect(arrived.length).toBe(new Set(arrived).size)
  expect([...acknowledged].filter((to) => !arrived.includes(to))).toEqual([])
})
