//
// Owns: the agreement of the queue's tables under any order of operations: each queued delivery stands in exactly one of
// waiting and leased, no other stands in either, and the kept counts are those that counting gives.

import { Database } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { ClaimedDelivery } from '../../../src/core/message.ts'
import { openSqlite } from '../../../src/store/sqlite/open.ts'
import type { Holder, Settlement, Store } from '../../../src/store/store.ts'
import {
  acceptanceOf,
  attemptNumber,
  domainNamed,
  ids,
  lineTo,
  NOW,
  storeOptions,
} from '../contract/samples.ts'

const root = mkdtempSync(join(tmpdir(), 'mailwok-agreement-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const DISAGREEMENTS = `
  SELECT 'queued' AS what, d.id FROM deliveries d
   WHERE (d.state = 'queued') <>
         ((SELECT count(*) FROM waiting w WHERE w.delivery_id = d.id) +
          (SELECT count(*) FROM leased l WHERE l.delivery_id = d.id) = 1)
      OR (d.state <> 'queued' AND (d.id IN (SELECT delivery_id FROM waiting) OR d.id IN (SELECT delivery_id FROM leased)))
  UNION ALL
  SELECT 'due', w.delivery_id FROM waiting w JOIN deliveries d ON d.id = w.delivery_id
   WHERE d.due_at IS NOT w.due_at OR d.line IS NOT w.line
  UNION ALL
  SELECT 'counts', s.id FROM lines s
   WHERE s.waiting <> (SELECT count(*) FROM waiting w WHERE w.line = s.id)
      OR s.next_due IS NOT (SELECT min(due_at) FROM waiting w WHERE w.line = s.id)
  UNION ALL
  SELECT 'unknown', w.line FROM waiting w WHERE w.line NOT IN (SELECT id FROM lines)
  UNION ALL
  SELECT 'key', w.delivery_id FROM waiting w JOIN lines l ON l.id = w.line JOIN deliveries d ON d.id = w.delivery_id
    JOIN messages m ON m.id = d.message_id
   WHERE l.destination <> d.destination OR l.account_id <> d.account_id OR l.rank <> (m.stream = 'marketing')
      OR l.campaign <> coalesce(m.campaign, '')
  UNION ALL
  SELECT 'final', d.id FROM deliveries d WHERE (d.finished_at IS NULL) <> (d.state IN ('queued', 'held'))`

const step = fc.record({
  kind: fc.constantFrom(
    'accept',
    'accept',
    'claim',
    'settle',
    'settle',
    'reboot',
    'command',
    'forward',
    'retain',
  ),
  number: fc.nat(5),
  choice: fc.nat(3),
})

const NEXT: readonly Settlement['next'][] = [
  { state: 'delivered', at: NOW },
  { state: 'queued', dueAt: NOW + 7 },
  { state: 'held' },
  { state: 'bounced', at: NOW },
]

class Player {
  private readonly store: Store
  private holder: Holder = { node: 'n', boot: 'b0' }
  private held: Pick<ClaimedDelivery, 'id' | 'attempts'>[] = []

  constructor(store: Store) {
    this.store = store
  }

  async play(kind: string, number: number, choice: number): Promise<void> {
    const { queue, upkeep } = this.store
    const destination = domainNamed(`d${choice}.example`)
    if (kind === 'accept') return this.accept(number, choice)
    if (kind === 'claim') {
      this.held.push(
        ...(await queue.claim(
          [{ line: lineTo(destination), limit: number + 1 }],
          NOW + 5 * choice,
          this.holder,
        )),
      )
    } else if (kind === 'settle') {
      await this.settle(number, choice)
    } else if (kind === 'reboot') {
      this.holder = { node: 'n', boot: `b${number}` }
      await queue.heartbeat(this.holder, NOW, NOW + 60_000)
    } else if (kind === 'forward') {
      await queue.bringForward(NOW + number, choice)
    } else if (kind === 'command') {
      const command = (['retry', 'hold', 'release'] as const)[choice]
      const filter = number < 3 ? { destination } : number === 3 ? { stream: 'marketing' as const } : {}
      if (command) await queue.command(command, filter, NOW + number)
      else await queue.drop(filter, NOW + number, () => ids.event())
    } else {
      const bounds = { contentBefore: NOW + 90, attemptsBefore: NOW + 90, eventsBefore: NOW + 90 }
      await upkeep.retain({ ...bounds, idempotencyBefore: 0, waysOutBefore: 0 })
    }
  }

  private async accept(number: number, choice: number): Promise<void> {
    const acceptances = Array.from({ length: number + 1 }, (_, index) =>
      acceptanceOf({
        to: [`a@d${choice}.example`, `b@d${index % 4}.example`],
        leased: choice === 1,
        holder: this.holder,
        dueAt: NOW + number,
        ...(index % 3 === 0
          ? { message: { stream: 'marketing', campaign: index % 2 ? 'spring' : null } }
          : {}),
        ...(number === 5 ? { idempotency: { key: 'same', bodyHash: 'aa' } } : {}),
      }),
    )
    const ends = await Promise.all(acceptances.map((one) => this.store.queue.accept(one)))
    const kept = acceptances.filter((_, index) => ends[index]?.ok === true && choice === 1)
    this.held.push(...kept.flatMap((one) => one.deliveries.map(({ id }) => ({ id, attempts: 0 }))))
  }

  private async settle(number: number, choice: number): Promise<void> {
    const settlements = this.held.splice(0, number + 1).map(({ id, attempts }) => ({
      deliveryId: id,
      attempt: choice === 2 ? null : attemptNumber(attempts + 1, 'deferred'),
      next: NEXT[choice] ?? { state: 'held' },
      events: [],
    }))
    expect(await this.store.queue.settle(settlements, this.holder)).toMatchObject({ ok: true })
  }
}

test('the tables of the queue agree whatever happens', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      run += 1
      const path = join(root, `${run}.db`)
      const store = await openSqlite(path, storeOptions())
      const player = new Player(store)
      for (const { kind, number, choice } of steps) await player.play(kind, number, choice)
      await store.close()
      const db = new Database(path)
      expect(db.prepare(DISAGREEMENTS).all()).toEqual([])
      db.close()
    }),
    { numRuns: 12 },
  )
}, 60_000)
