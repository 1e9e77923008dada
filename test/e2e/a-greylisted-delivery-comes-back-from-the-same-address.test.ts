//
// RFC 6647 §2.4: a greylist knows who was there before by address of the client, sender and recipient. Who comes back
// from another address, or under another return path, is a stranger again, and so on for ever.

import { expect, test } from 'bun:test'
import { MINUTE, type Milliseconds, SECOND } from '../../src/core/time.ts'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import type { Behaviour, Moment, Seen } from '../support/mx.ts'
import { until } from '../support/until.ts'

const SOURCES = '127.0.0.2, 127.0.0.3, 127.0.0.4'
const LETTERS = 12
/** How long a greylist lets strangers wait. */
const PATIENCE: Milliseconds = 50 * SECOND

/** Knows triplets, as postgrey does. */
function greylist(now: () => Milliseconds) {
  const met = new Map<string, Milliseconds>()
  const sender = new Map<number, string>()
  const at = (moment: Moment, { connection, client, line }: Seen): Behaviour | undefined => {
    if (moment === 'MAIL') sender.set(connection, /<[^>]*>/.exec(line)?.[0] ?? '')
    if (moment !== 'RCPT') return undefined
    const triplet = `${client} ${sender.get(connection)} ${/<[^>]*>/.exec(line)?.[0]}`
    const first = met.get(triplet) ?? now()
    met.set(triplet, first)
    return now() - first < PATIENCE ? '450 4.2.0 Greylisted, please come back later' : undefined
  }
  return { at, triplets: met }
}

async function greylistingLab(config = {}) {
  let lab: Lab | null = null
  const { at, triplets } = greylist(() => lab?.clock.now() ?? 0)
  lab = await startLab({ mx: { at }, config: { 'delivery.source_ips': SOURCES, ...config } })
  return { lab, triplets }
}

/** The first one leaves after the others: whoever takes addresses in turn gives each another one. */
async function passed(lab: Lab, ids: readonly string[], minute: () => Promise<void>): Promise<void> {
  const [message = ''] = ids
  const only = { message, destination: null, account: null, key: null }
  for (const id of ids) await lab.tried(id, 1)
  await lab.admin.queueCommand({ ...only, command: 'hold' })
  await minute()
  for (const id of ids.slice(1)) await lab.meanwhile(lab.tried(id, 2))
  await lab.admin.queueCommand({ ...only, command: 'release' })
  await lab.meanwhile(lab.tried(message, 2))
}

test('a greylist by triplets is passed by every letter at its second attempt', async () => {
  const { lab, triplets } = await greylistingLab()
  await using _ = lab
  const ids = await Promise.all(
    Array.from({ length: LETTERS }, (_, i) => lab.sent({ to: `reader${i}@example.net` })),
  )
  await passed(lab, ids, () => lab.advance(MINUTE + 15 * SECOND))
  const used = new Set<string | null>()
  for (const id of ids) {
    const view = await lab.ended(id)
    expect(story(view)).toEqual(['queued', 'deferred', 'delivered'])
    const sources = view.deliveries[0]?.attempts.map(({ source_ip }) => source_ip) ?? []
    expect(new Set(sources).size).toBe(1)
    used.add(sources[0] ?? null)
  }
  // They did not all leave by one, or this would prove nothing.
  expect(used.size).toBeGreaterThan(1)
  expect(triplets.size).toBe(LETTERS)
}, 20_000)

test('a restart in between changes nothing', async () => {
  const { lab, triplets } = await greylistingLab()
  await using _ = lab
  const ids = await Promise.all(
    Array.from({ length: LETTERS }, (_, i) => lab.sent({ to: `reader${i}@example.net` })),
  )
  await passed(lab, ids, async () => {
    await lab.stop()
    lab.clock.advance(MINUTE + 15 * SECOND)
    await lab.start()
  })
  for (const id of ids) expect((await lab.ended(id)).status).toBe('delivered')
  expect(triplets.size).toBe(LETTERS)
}, 20_000)

test('an address that is blocked meanwhile keeps nobody: another one is a stranger, and gets through', async () => {
  let blocked = false
  let lab: Lab | null = null
  const { at } = greylist(() => lab?.clock.now() ?? 0)
  lab = await startLab({
    mx: {
      at: (moment, seen) =>
        blocked && moment === 'CONNECT' && seen.client === '127.0.0.2'
          ? { reply: '554 5.7.1 Your address is listed on our block list', drop: true }
          : at(moment, seen),
    },
    dns: {
      'example.net': { MX: [[10, 'mx.example.net']], ttl: 3600 },
      'mx.example.net': { A: ['127.0.0.1'], ttl: 3600 },
    },
    config: { 'delivery.source_ips': '127.0.0.2, 127.0.0.3' },
  })
  await using running = lab
  const id = await running.sent()
  const first = await running.tried(id, 1)
  expect(first.deliveries[0]?.attempts[0]?.source_ip).toBe('127.0.0.2')
  blocked = true
  await running.tried(await running.sent({ to: 'probe@example.net' }), 1)
  await until('the block is known', async () => {
    const lanes = must(await running.admin.queueLanes({ provider: 'example.net' }))
    return lanes.some(({ source, state }) => source === '127.0.0.2' && state === 'paused')
  })
  await running.advance(9 * MINUTE)
  const view = await running.ended(id)
  expect(view.status).toBe('delivered')
  expect(view.deliveries[0]?.attempts.at(-1)?.source_ip).toBe('127.0.0.3')
}, 20_000)
