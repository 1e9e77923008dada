//
// Every third connection is reset, at any moment of the session; one provider bears a single connection. Neither is
// taken for dead, nothing is lost, nothing comes twice that was not taken before the reset.

import { expect, test } from 'bun:test'
import { MINUTE } from '../../src/core/time.ts'
import { must, startLab } from '../support/appliance.ts'
import { handClock, WITH_FRACTIONS } from '../support/clock.ts'
import { story } from '../support/lab-answers.ts'
import { LAB_START } from '../support/lab-folder.ts'
import type { Moment } from '../support/mx.ts'
import { until } from '../support/until.ts'

const MAILS = 40
const readers = Array.from({ length: MAILS }, (_, i) => `reader${i}@example.net`)
const LASTING = {
  'example.net': { MX: [[10, 'mx.example.net']], ttl: 3600 },
  'mx.example.net': { A: ['127.0.0.1'], ttl: 3600 },
} as const

test.each(['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA'] as const)(
  'every third connection is reset at %s',
  async (moment: Moment) => {
    await using lab = await startLab({
      mx: {
        messagesPerConnection: 3,
        at: (at, { connection }) => (at === moment && connection % 3 === 0 ? { drop: true } : undefined),
      },
      dns: LASTING,
    })
    const ids = await Promise.all(readers.map((to) => lab.sent({ to })))
    await until('everybody was tried', async () => {
      await lab.advance(1000)
      const views = await Promise.all(ids.map((id) => lab.message(id)))
      return views.every(({ deliveries }) => (deliveries[0]?.attempts.length ?? 0) > 0)
    })
    await lab.advance(12 * MINUTE)
    for (const id of ids) expect(story(await lab.meanwhile(lab.ended(id))).at(-1)).toBe('delivered')
    expect(lab.mx.messages.map(({ forwardPaths }) => forwardPaths[0]).sort()).toEqual(readers.toSorted())
    expect(must(await lab.admin.queueLanes({ provider: 'example.net' }))[0]?.paused_until).toBeNull()
  },
  30_000,
)

test('what waited in memory when its lane was paused for half a minute goes on by itself', async () => {
  let [breaks, taken] = [false, 0]
  await using lab = await startLab({
    clock: handClock(LAB_START, WITH_FRACTIONS),
    // The others have to wait for these.
    config: { 'delivery.connections_per_provider': '2', 'delivery.messages_per_connection': '1' },
    mx: {
      at: (moment) => {
        if (moment === 'BODY' && ++taken === 5) breaks = true
        return moment === 'CONNECT' && breaks ? { drop: true } : undefined
      },
    },
    dns: LASTING,
  })
  const ids = await Promise.all(readers.map((to) => lab.sent({ to })))
  await until('its lane is paused', async () => {
    await lab.advance(100)
    return must(await lab.admin.queueLanes({ provider: 'example.net' }))[0]?.state === 'paused'
  })
  breaks = false
  await lab.advance(12 * MINUTE)
  for (const id of ids) expect(story(await lab.meanwhile(lab.ended(id))).at(-1)).toBe('delivered')
  expect(lab.mx.messages).toHaveLength(MAILS)
}, 30_000)

test('a provider that bears one connection gets one at a time', async () => {
  let open = (): number => 0
  let refused = 0
  await using lab = await startLab({
    mx: {
      at: (moment) => {
        if (moment !== 'CONNECT' || open() <= 1) return undefined
        refused += 1
        return { reply: '421 4.7.0 Too many concurrent connections', drop: true }
      },
    },
    dns: LASTING,
  })
  open = () => lab.mx.open
  const ids = await Promise.all(readers.map((to) => lab.sent({ to })))
  await until('it has said so', () => refused > 0)
  await lab.advance(25 * MINUTE)
  for (const id of ids) expect(story(await lab.meanwhile(lab.ended(id))).at(-1)).toBe('delivered')
  expect(lab.mx.messages).toHaveLength(MAILS)
  expect(refused).toBeLessThan(MAILS / 4)
}, 30_000)
