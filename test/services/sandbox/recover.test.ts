//
// What a crash left unplayed, out of a real store.

import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { idsFor } from '../../../src/core/ids.ts'
import { DAY } from '../../../src/core/time.ts'
import { Stage } from '../../../src/services/sandbox/stage.ts'
import { openStore } from '../../../src/store/open.ts'
import { acceptanceOf, delivered, HOLDER, NOW, storeOptions } from '../../store/contract/samples.ts'
import { handClock } from '../../support/clock.ts'

const folder = mkdtempSync(join(tmpdir(), 'mailwok-stage-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('what was delivered just before a crash is played once by the next start, and what is old is not', async () => {
  const clock = handClock(NOW + 1000)
  const ids = idsFor('0', clock.now)
  const store = await openStore(`sqlite:${join(folder, 'stage.db')}`, storeOptions())
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const parts = { queue: store.queue, messages: store.messages, clock, ids, log }
  const options = { publicUrl: 'https://mail.example.com' }
  const to = ['open', 'click', 'delivered', 'unsubscribe'].map((name) => `${name}@sandbox.mailwok.test`)
  const acceptance = acceptanceOf({ to: [...to, 'open@example.net'], leased: true })
  await store.queue.accept(acceptance)
  await store.queue.settle(
    acceptance.deliveries.map((_, ordinal) => delivered(acceptance, ordinal)),
    HOLDER,
  )
  const events = async () =>
    (await store.messages.events(acceptance.message.id))
      .filter(({ type }) => type !== 'email.queued' && type !== 'email.delivered')
      .map(({ type }) => String(type))
      .sort()
  /** A start and an orderly stop, which plays what was found. */
  const start = async () => {
    const stage = new Stage({ ...parts, options })
    await stage.start()
    await stage.stop()
  }
  clock.jump(2 * DAY)
  await start()
  expect(await events()).toEqual([])
  clock.jump(-2 * DAY)
  await start()
  expect(await events()).toEqual(['email.clicked', 'email.opened', 'email.unsubscribed'])
  await start()
  expect(await events()).toHaveLength(3)
  await store.close()
})
