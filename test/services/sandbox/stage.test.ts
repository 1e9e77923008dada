import { expect, test } from 'bun:test'
import { deliveryId, idsFor } from '../../../src/core/ids.ts'
import { fault, ok } from '../../../src/core/result.ts'
import { MOMENT, Stage } from '../../../src/services/sandbox/stage.ts'
import type { LateNews } from '../../../src/store/store.ts'
import { mailboxNamed } from '../../store/contract/samples.ts'
import { handClock } from '../../support/clock.ts'
import { until } from '../../support/until.ts'

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A stage whose store answers as it is told, then as a store that takes everything. */
function stageWith(...answers: readonly ('taken' | 'full' | 'broken')[]) {
  const clock = handClock()
  const ids = idsFor('0', clock.now)
  const left = [...answers]
  const told: LateNews[] = []
  const stage = new Stage({
    queue: {
      async late(news) {
        told.push(news)
        const answer = left.shift() ?? 'taken'
        if (answer === 'broken') throw new Error('broken')
        return answer === 'full' ? fault('full') : ok('added')
      },
    },
    messages: {
      contents: async () => new Map(),
      events: async () => [],
      get: async () => null,
      lastDelivered: async () => [],
    },
    clock,
    ids,
    log: SILENT,
    options: { publicUrl: 'https://mail.example.com' },
  })
  const player = () => {
    const messageId = ids.message()
    return {
      id: deliveryId(messageId, 0),
      messageId,
      accountId: ids.account(),
      contentId: ids.content(),
      recipient: mailboxNamed('open@sandbox.mailwok.test'),
      wishes: {},
    }
  }
  return { stage, clock, told, player }
}

test('it is played a moment after it was delivered, each in its turn', async () => {
  const { stage, clock, told, player } = stageWith()
  const [first, second] = [player(), player()]
  stage.add(first, 'open')
  clock.advance(MOMENT / 2)
  stage.add(second, 'unsubscribe')
  expect(told).toEqual([])
  clock.advance(MOMENT / 2)
  await until('the first is told', () => told.length === 1)
  expect(told[0]).toMatchObject({ deliveryId: first.id, becomes: null })
  expect(told[0]?.events).toMatchObject([{ type: 'email.opened', at: clock.now(), machine: false }])
  await until('the second is told', () => {
    clock.advance(MOMENT / 2)
    return told.length === 2
  })
  expect(told[1]?.events).toMatchObject([{ type: 'email.unsubscribed', scope: 'marketing' }])
})

test('who leaves the list of the message says so', async () => {
  const { stage, clock, told, player } = stageWith()
  stage.add({ ...player(), wishes: { list: 'news' } }, 'unsubscribe')
  clock.advance(MOMENT)
  await until('it is told', () => told.length === 1)
  expect(told[0]?.events).toMatchObject([{ scope: 'list:news' }])
})

test.each(['full', 'broken'] as const)(
  'what a store that is %s does not take is tried again',
  async (answer) => {
    const { stage, clock, told, player } = stageWith(answer)
    const one = player()
    stage.add(one, 'complaint')
    clock.advance(MOMENT)
    await until('it was tried', () => told.length === 1)
    await until('it is tried again', () => {
      clock.advance(1000)
      return told.length === 2
    })
    expect(told.map(({ deliveryId: id }) => id)).toEqual([one.id, one.id])
    clock.advance(60_000)
    await stage.stop()
    expect(told).toHaveLength(2)
  },
)

test('a stop plays what waits, and nothing after it', async () => {
  const { stage, clock, told, player } = stageWith()
  const players = Array.from({ length: 120 }, player)
  for (const one of players) stage.add(one, 'click')
  await stage.stop()
  expect(told.map(({ deliveryId: id }) => id)).toEqual(players.map(({ id }) => id))
  expect(told[0]?.events).toMatchObject([{ type: 'email.clicked', url: 'https://mail.example.com' }])
  clock.advance(60_000)
  expect(told).toHaveLength(120)
})
