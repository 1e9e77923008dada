//
// Under pressure the oldest finished bodies go first, then the log; what is owed never does. Both engines.

import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { idsFor } from '../../../src/core/ids.ts'
import { MINUTE } from '../../../src/core/time.ts'
import { relieve, shortageOf } from '../../../src/services/retention/pressure.ts'
import { openStore } from '../../../src/store/open.ts'
import type { Acceptance, Store } from '../../../src/store/store.ts'
import { acceptanceOf, delivered, HOLDER, NOW, storeOptions } from '../../store/contract/samples.ts'
import { freshDatabase, postgresSuite } from '../../support/postgres-cluster.ts'

setDefaultTimeout(60_000)

describe('shortage', () => {
  const GB = 1e9
  const limits = { maxSize: 2 * GB, keepFree: GB }
  test.each([
    ['nothing', { used: 2 * GB, disk: { free: 10 * GB, size: 100 * GB } }, 'none'],
    ['too large', { used: 2 * GB + 1, disk: { free: 10 * GB, size: 100 * GB } }, 'size'],
    ['soon low', { used: GB, disk: { free: 2 * GB - 1, size: 100 * GB } }, 'disk-low'],
    ['low', { used: GB, disk: { free: GB - 1, size: 100 * GB } }, 'disk'],
    ['a small disk keeps a twentieth', { used: GB, disk: { free: 0.5 * GB, size: 4 * GB } }, 'none'],
    ['and less is low', { used: GB, disk: { free: 0.19 * GB, size: 4 * GB } }, 'disk'],
    ['elsewhere nobody knows', { used: GB, disk: null }, 'none'],
  ] as const)('%s', (_, standing, want) => expect(shortageOf(standing, limits)).toBe(want))
  test('without a bound no size is too much', () =>
    expect(shortageOf({ used: 1e15, disk: null }, { maxSize: 0, keepFree: 1 })).toBe('none'))
})

const folder = mkdtempSync(join(tmpdir(), 'mailwok-pressure-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const postgres = postgresSuite('postgres')
const ENGINES = [
  { name: 'sqlite', skip: false, url: async () => `sqlite:${join(folder, `${Bun.nanoseconds()}.db`)}` },
  { name: postgres.name, skip: postgres.skip, url: () => freshDatabase() },
] as const

const BODY = 'x'.repeat(100_000)
const MESSAGES = 40
/** Each fifth waits. */
const isOwed = (index: number): boolean => index % 5 === 0

/** One a minute until NOW, the first the oldest. */
async function filled(store: Store): Promise<readonly Acceptance[]> {
  await store.queue.heartbeat(HOLDER, NOW, NOW + 90 * 86_400_000)
  const all: Acceptance[] = []
  for (let index = 0; index < MESSAGES; index += 1) {
    const at = NOW - (MESSAGES - index) * MINUTE
    const ids = idsFor('t', () => at)
    const made = acceptanceOf({
      leased: !isOwed(index),
      text: `${index}${BODY}`,
      message: { id: ids.message(), createdAt: at },
    })
    const id = ids.content()
    const content = made.content && { ...made.content, id }
    const acceptance = { ...made, content, message: { ...made.message, contentId: id } }
    expect(await store.queue.accept(acceptance)).toMatchObject({ ok: true })
    const end = { ...delivered(acceptance), next: { state: 'delivered', at: at + 20 } } as const
    if (!isOwed(index)) await store.queue.settle([end], HOLDER)
    all.push(acceptance)
  }
  return all
}

const usual = {
  contentBefore: 0,
  attemptsBefore: 0,
  eventsBefore: 0,
  idempotencyBefore: 0,
  waysOutBefore: 0,
}

for (const { name, skip, url } of ENGINES) {
  describe.skipIf(skip)(name, () => {
    const withFilled = async (work: (store: Store, all: readonly Acceptance[]) => Promise<void>) => {
      const store = await openStore(await url(), storeOptions())
      try {
        await work(store, await filled(store))
      } finally {
        await store.close()
      }
    }
    const press = (store: Store, maxSize: number, readBefore = NOW + MINUTE) =>
      relieve({
        upkeep: store.upkeep,
        standing: async () => ({ used: await store.upkeep.used(), disk: null }),
        limits: { maxSize, keepFree: 0 },
        usual: { ...usual, readBefore },
        now: NOW + MINUTE,
        signal: new AbortController().signal,
      })
    const bodies = async (store: Store, all: readonly Acceptance[]) => {
      const kept = await store.messages.contents(all.map(({ message }) => message.contentId))
      return all.map(({ message }) => kept.has(message.contentId))
    }

    test('the oldest finished bodies go, and no more than is wanted', () =>
      withFilled(async (store, all) => {
        const used = await store.upkeep.used()
        expect(used).toBeGreaterThan(MESSAGES * BODY.length)
        expect(await store.upkeep.oldestContent()).toBe(NOW - MESSAGES * MINUTE)
        const { contents, events } = await press(store, used - 8 * BODY.length)
        expect(await store.upkeep.used()).toBeLessThanOrEqual(used - 8 * BODY.length)
        expect([contents >= 8, contents < 16, events]).toEqual([true, true, 0])
        const kept = await bodies(store, all)
        kept.forEach((is, index) => {
          if (isOwed(index)) expect(is).toBe(true)
        })
        const gone = kept.flatMap((is, index) => (is ? [] : [index]))
        expect(kept.slice(Math.max(...gone) + 1).every(Boolean)).toBe(true)
        expect(kept.slice(0, Math.max(...gone)).filter((is, index) => is && !isOwed(index))).toEqual([])
        // Enough is enough.
        expect(await press(store, used)).toMatchObject({ contents: 0 })
      }))

    test('whatever is demanded, what is owed stays with all that it needs', () =>
      withFilled(async (store, all) => {
        const { contents, events } = await press(store, 1)
        expect([contents, events > 0]).toEqual([MESSAGES - 8, true])
        for (const [index, { message }] of all.entries()) {
          if (!isOwed(index)) continue
          expect((await store.messages.contents([message.contentId])).size).toBe(1)
          expect(await store.messages.get(message.id, null)).toEqual(message)
          expect(await store.messages.events(message.id)).not.toEqual([])
        }
        expect((await store.queue.overview(0)).waiting).toBe(8)
      }))

    test('of the log nothing goes that somebody has still to read', () =>
      withFilled(async (store, all) => {
        await press(store, 1, 1)
        for (const { message } of all) expect(await store.messages.events(message.id)).not.toEqual([])
      }))

    test('what takes the room is told by kind', () =>
      withFilled(async (store) => {
        const kinds = new Map((await store.upkeep.kinds()).map(({ kind, octets }) => [kind, octets]))
        expect<string[]>([...kinds.keys()].sort()).toEqual(
          ['attempts', 'bodies', 'events', 'messages', 'other', 'search', 'webhooks'].sort(),
        )
        for (const kind of ['messages', 'events', 'attempts'] as const)
          expect(kinds.get(kind)).toBeGreaterThan(0)
        // PostgreSQL packs a hundred thousand times the same letter.
        if (name === 'sqlite') expect(kinds.get('bodies')).toBeGreaterThan(MESSAGES * BODY.length)
      }))
  })
}
