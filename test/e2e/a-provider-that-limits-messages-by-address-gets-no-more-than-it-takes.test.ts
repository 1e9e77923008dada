//
// A provider takes so many messages a minute from each address and answers 450 beyond. Nobody told us: the lane settles
// near it, nothing is lost, and with two addresses twice as much gets through.

import { expect, test } from 'bun:test'
import { MINUTE, type Milliseconds, SECOND } from '../../src/core/time.ts'
import { type Lab, must, startLab } from '../support/appliance.ts'
import type { Behaviour, Moment, Seen } from '../support/mx.ts'
import { until } from '../support/until.ts'

/** A minute, from one address. */
const TAKEN = 30
const MAILS = 240
const LIMITED = '450 4.7.1 Rate limit exceeded: too many messages from your address, slow down'
/** Steps in which replies on real sockets keep up with a clock moved by hand. */
const STEP: Milliseconds = 2 * SECOND

/** Counts messages per address in the minute that has just passed, as anvil does. */
function limiter(now: () => Milliseconds) {
  const taken = new Map<string, Milliseconds[]>()
  const refused: Milliseconds[] = []
  const carried = new Map<string, number>()
  const at = (moment: Moment, { client }: Seen): Behaviour | undefined => {
    if (moment !== 'RCPT') return undefined
    const recent = (taken.get(client) ?? []).filter((time) => now() - time < MINUTE)
    taken.set(client, recent)
    if (recent.length < TAKEN) {
      recent.push(now())
      carried.set(client, (carried.get(client) ?? 0) + 1)
      return undefined
    }
    refused.push(now())
    return LIMITED
  }
  return { at, refused, carried }
}

async function run(sources: string) {
  let lab: Lab | null = null
  const { at, ...seen } = limiter(() => lab?.clock.now() ?? 0)
  lab = await startLab({
    mx: { at },
    dns: {
      'example.net': { MX: [[10, 'mx.example.net']], ttl: 3600 },
      'mx.example.net': { A: ['127.0.0.1'], ttl: 3600 },
    },
    config: { 'delivery.source_ips': sources },
  })
  return { lab, ...seen }
}

async function drain({ lab }: { readonly lab: Lab }, mails: number, most: Milliseconds): Promise<void> {
  const begun = lab.clock.now()
  while (lab.mx.messages.length < mails && lab.clock.now() - begun < most) {
    await lab.advance(STEP)
    await new Promise((done) => setTimeout(done, 4))
  }
}

test.each([
  ['127.0.0.2', 1],
  ['127.0.0.2, 127.0.0.3', 2],
])(
  'from %s',
  async (sources, addresses) => {
    const at = await run(sources)
    const { lab, refused, carried } = at
    await using _ = lab
    const to = Array.from({ length: MAILS }, (_, i) => `reader${i}@example.net`)
    const ids = await Promise.all(
      [0, 1, 2, 3].map((part) => lab.sent({ to: to.filter((_, i) => i % 4 === part) })),
    )
    await until('it has said so, and is heard', async () => {
      const lanes = must(await lab.admin.queueLanes({ provider: 'example.net' }))
      return lanes.length === addresses && lanes.every(({ state }) => state === 'slowed')
    })

    const begun = lab.clock.now()
    await drain(at, MAILS, 60 * MINUTE)
    // All of it arrived, each once.
    expect(new Set(lab.mx.messages.map(({ forwardPaths }) => forwardPaths[0])).size).toBe(MAILS)
    expect(lab.mx.messages).toHaveLength(MAILS)
    for (const id of ids) expect((await lab.ended(id)).status).toBe('delivered')
    // What finding out cost, each address for itself (30 to 40 each, as replies come in); once found out, the rate is kept.
    expect(refused.length).toBeLessThan((MAILS / 5) * addresses)
    expect(refused.filter((time) => time - begun > MINUTE).length).toBeLessThan(MAILS / 20)
    expect(carried.size).toBe(addresses)
    expect(Math.min(...carried.values())).toBeGreaterThan(MAILS / addresses / 2)
  },
  60_000,
)
