//
// F20, decision 4: a lease belongs to (node, boot). Whoever slept past it changes nothing and sends nothing of it.

import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'
import { handClock } from '../support/clock.ts'
import { story } from '../support/lab-answers.ts'
import { LAB_START } from '../support/lab-folder.ts'
import { until } from '../support/until.ts'

test('a node that was paused past its lease neither sends nor settles what another node delivered', async () => {
  await using paused = await startLab({
    // The first connection hangs: one delivery is under way there, the other one waits behind it in memory.
    mx: {
      at: (moment, { connection }) => (moment === 'RCPT' && connection === 1 ? { hang: true } : undefined),
    },
    config: {
      'delivery.connections_per_provider': '1',
      'delivery.timeouts.command': '1s',
      'delivery.timeouts.data': '1s',
    },
  })
  const ids = [await paused.sent({ to: 'one@example.net' }), await paused.sent({ to: 'two@example.net' })]
  await until('the first one is stuck', () => paused.mx.commands.some((line) => line.includes('RCPT')))
  await using other = await startLab({
    beside: paused,
    clock: handClock(LAB_START + 30_000),
    config: { 'server.node': '1' },
  })
  await other.advance(20_000)
  // The lease of the first node holds: nobody else may touch them.
  expect(paused.mx.messages).toEqual([])
  await other.advance(30_000)
  for (const id of ids) expect(story(await other.ended(id))).toEqual(['queued', 'delivered'])

  // The first node wakes: more than its lease has passed since its last heartbeat.
  paused.clock.pause(70_000)
  await until('its attempt is over and its outcome was dropped', async () =>
    must(await paused.admin.metrics({})).includes('stale_settlements_total 1'),
  )
  await paused.advance(20_000)
  for (const id of ids) {
    const view = await paused.message(id)
    expect(story(view)).toEqual(['queued', 'delivered'])
    expect(view.deliveries[0]?.attempts).toHaveLength(1)
  }
  expect(paused.mx.messages.map((message) => message.forwardPaths[0]).sort()).toEqual([
    'one@example.net',
    'two@example.net',
  ])
})
