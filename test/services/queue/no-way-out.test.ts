//
// What the queue does when its ways end: port 25 is closed for us, or a smarthost dies.

import { expect, test } from 'bun:test'
import type { AttemptOutcome } from '../../../src/core/outcome.ts'
import { MINUTE, SECOND } from '../../../src/core/time.ts'
import { type QueueRig, queueRig } from '../../support/queue-rig.ts'
import { until } from '../../support/until.ts'

const SILENCE: AttemptOutcome = {
  kind: 'deferred',
  cause: { kind: 'network', at: 'connect', detail: 'timed out (connect)' },
}
const RELAYS = { relays: [{ host: '192.0.2.25' }, { host: '192.0.2.26' }] }
const DOMAINS = ['one', 'two', 'three', 'four', 'five'].map((name) => `${name}.example`)

const viaOf = (rig: QueueRig): readonly string[] =>
  rig.orders.map(({ recipient, transport }) =>
    transport.kind === 'mx' ? `${recipient.split('@')[1]} ${transport.via}` : '',
  )

async function ordered(rig: QueueRig, count: number): Promise<void> {
  await until(`${count} orders`, async () => {
    await rig.advance(0)
    return rig.orders.length === count
  })
}

/** Five providers whose hosts nobody can connect to. */
async function cutOff(rig: QueueRig): Promise<void> {
  for (const domain of DOMAINS) await rig.accept({ to: [`ann@${domain}`] })
  await ordered(rig, DOMAINS.length)
  for (const order of [...rig.orders]) rig.answer(order, SILENCE)
}

test('hybrid: when no provider can be reached all mail takes the smarthost, and a probe brings it back', async () => {
  await using rig = await queueRig({}, { relays: [{ host: '192.0.2.25' }] })
  await cutOff(rig)
  // The one that showed it takes the other way within seconds; those before it wait for their turn as ever.
  await until('it is with the smarthost', async () => {
    await rig.advance(SECOND)
    return rig.orders.length > 0
  })
  expect(viaOf(rig)).toEqual(['five.example relay:192.0.2.25'])
  rig.answerAll()
  await rig.accept({ to: ['bob@six.example'] })
  await ordered(rig, 1)
  expect(viaOf(rig)).toEqual(['six.example relay:192.0.2.25'])
  rig.answerAll()

  await until('all of it went by the smarthost', async () => {
    await rig.advance(SECOND)
    const probes = rig.orders.filter(({ transport }) => transport.kind === 'mx' && transport.via === 'direct')
    for (const probe of probes) rig.answer(probe, SILENCE)
    rig.answerAll()
    return Object.values(await rig.states()).every((state) => state === 'delivered')
  })

  for (let passed = 0; passed < 2 * MINUTE; passed += MINUTE / 4) await rig.advance(MINUTE / 4)
  await rig.accept({ to: ['eve@seven.example'] })
  await ordered(rig, 1)
  expect(viaOf(rig)).toEqual(['seven.example direct'])
  rig.answerAll()
  await rig.accept({ to: ['eve@eight.example'] })
  await ordered(rig, 1)
  expect(viaOf(rig)).toEqual(['eight.example direct'])
  rig.answerAll()
})

test('direct: what waits is told why, until somebody answers', async () => {
  await using rig = await queueRig()
  const why = () =>
    rig.queue.whyWaiting(
      { destination: 'one.example' as never },
      {
        stream: 'transactional',
        accountId: 'acc' as never,
        signingDomain: 'example.com' as never,
        pool: null,
      },
    )
  expect(why()).toBeNull()
  await cutOff(rig)
  expect(why()).toContain(
    'No provider can be reached on port 25 from here: most hosters block it until asked.',
  )
  await rig.accept({ to: ['bob@six.example'] })
  expect(rig.orders).toHaveLength(0)
  // The one that tries.
  for (let passed = 0; rig.orders.length === 0 && passed < 3 * MINUTE; passed += MINUTE / 4) {
    await rig.advance(MINUTE / 4)
  }
  await ordered(rig, 1)
  rig.answerAll()
  expect(why() ?? '').not.toContain('port 25')
})

test('a smarthost dies: what waits for it goes to the next at once', async () => {
  await using rig = await queueRig({}, { ...RELAYS, relayDomains: ['one.example'] })
  await rig.accept({ to: Array.from({ length: 30 }, (_, n) => `r${n}@one.example`) })
  await until('the first smarthost is at work', () => rig.orders.length > 0)
  expect(new Set(viaOf(rig))).toEqual(new Set(['one.example relay:192.0.2.25']))
  for (const order of [...rig.orders]) rig.answer(order, SILENCE)
  const started = rig.clock.now()
  await until('the next one has all of it', async () => {
    rig.answerAll()
    await rig.advance(100)
    return Object.values(await rig.states()).every((state) => state === 'delivered')
  })
  expect(rig.clock.now() - started).toBeLessThan(20 * SECOND)
})
