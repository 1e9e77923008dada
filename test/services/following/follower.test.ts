import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fault, ok } from '../../../src/core/result.ts'
import { MINUTE, SECOND } from '../../../src/core/time.ts'
import { Follower, type Handler } from '../../../src/services/following/follower.ts'
import { oldestUnread } from '../../../src/services/following/unread.ts'
import { droppedEvent } from '../../../src/store/log-rows.ts'
import { LOG_START } from '../../../src/store/log-store.ts'
import { openStore } from '../../../src/store/open.ts'
import type { Store } from '../../../src/store/store.ts'
import { acceptanceOf, NOW, storeOptions } from '../../store/contract/samples.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { until } from '../../support/until.ts'

let folder: string
let store: Store
let clock: HandClock
const running: Follower[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailwok-follower-'))
  store = await openStore(`sqlite:${join(folder, 'log.db')}`, storeOptions())
  clock = handClock(NOW)
})
afterEach(async () => {
  for (const follower of running.splice(0)) await follower.stop()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const quiet = storeOptions()

function follow(
  handle: Handler['handle'],
  { name = 'reader', ...wish }: Partial<Pick<Handler, 'name' | 'wish'>> = {},
): Follower {
  const handler = { name, handle, ...wish }
  const follower = new Follower({ log: store.log, handler, clock, say: quiet.log, meter: quiet.meter })
  running.push(follower)
  follower.start()
  return follower
}

/** What a handler without effects does. */
function noting(seen: string[]): Handler['handle'] {
  return async (entries, step) => {
    const done = await store.log.advance(step)
    if (done.ok && done.value === 'done') seen.push(...entries.map(({ event }) => String(event.recipient)))
    return done
  }
}

/** Another event than what usually stands in the log. */
const cancelled = (recipient: string) => {
  const acceptance = acceptanceOf({ to: [recipient] })
  return store.queue.accept({ ...acceptance, events: acceptance.events.map((event) => droppedEvent(event)) })
}

const accept = (...to: string[]) => store.queue.accept(acceptanceOf({ to }))

test('reads on from where it stopped, in order, each event once', async () => {
  await accept('a@one.example', 'b@one.example')
  const seen: string[] = []
  const first = follow(noting(seen))
  await until('two are read', () => seen.length === 2)
  await first.stop()
  await accept('c@one.example')
  const second = follow(noting(seen))
  await until('three are read', () => seen.length === 3)
  expect(seen as unknown[]).toEqual(['a@one.example', 'b@one.example', 'c@one.example'])
  await accept('d@one.example')
  second.poke()
  await until('four are read', () => seen.length === 4)
})

test('asks by itself each half second', async () => {
  const seen: string[] = []
  follow(noting(seen))
  await accept('a@one.example')
  await until('it is read', () => {
    clock.advance(SECOND)
    return seen.length === 1
  })
})

test('after a fault, or a bug, the same stretch comes again, and nothing is skipped', async () => {
  await accept('a@one.example')
  const told: string[] = []
  const seen: string[] = []
  const good = noting(seen)
  follow(async (entries, step) => {
    told.push(entries.map(({ event }) => String(event.recipient)).join())
    if (told.length === 1) return fault('unavailable')
    if (told.length === 2) throw new Error('a bug')
    return good(entries, step)
  })
  await until('it went well', () => {
    clock.advance(SECOND)
    return seen.length === 1
  })
  expect(told as unknown[]).toEqual(['a@one.example', 'a@one.example', 'a@one.example'])
})

test('two of one name share the work: what one has done the other leaves out', async () => {
  const mine: string[] = []
  const theirs: string[] = []
  follow(noting(mine))
  follow(noting(theirs))
  for (let at = 0; at < 20; at++) {
    await accept(`u${at}@one.example`)
    clock.advance(SECOND)
  }
  await until('all are read', () => {
    clock.advance(SECOND)
    return mine.length + theirs.length >= 20
  })
  expect(new Set([...mine, ...theirs]).size).toBe(20)
  expect(mine.length + theirs.length).toBe(20)
})

test('with a wish it is told of nothing else; the place moves over the rest each minute', async () => {
  const wish = { types: ['email.cancelled'] } as const
  const steps: (readonly string[])[] = []
  await accept('a@one.example', 'b@one.example')
  await cancelled('gone@one.example')
  follow(
    async (entries, step) => {
      const done = await store.log.advance(step)
      steps.push(entries.map(({ event }) => String(event.recipient)))
      return done
    },
    { wish },
  )
  await until('it has heard of one', () => steps.length === 1)
  expect(steps).toEqual([['gone@one.example']])
  await accept('c@one.example')
  const [, , , unread] = await store.log.read(LOG_START, 10)
  for (let half = 0; half < 10; half++) clock.advance(SECOND / 2)
  expect(await store.log.read(await store.log.cursor('reader'), 10)).toEqual(unread ? [unread] : [])
  await until('the place is behind all', () => {
    clock.advance(MINUTE)
    return steps.length === 2
  })
  expect(steps[1]).toEqual([])
  expect(await oldestUnread(store.log, ['reader'])).toBeNull()
})

test('what it is handed begins at the durable place, whatever was looked at before', async () => {
  const wish = { types: ['email.cancelled'] } as const
  const moves: (readonly [number, boolean])[] = []
  let place = LOG_START
  let looked = 0
  const log: Store['log'] = {
    ...store.log,
    pick: async (...ask) => {
      const stretch = await store.log.pick(...ask)
      looked += stretch.looked
      return stretch
    },
  }
  const handler: Handler = {
    name: 'reader',
    wish,
    handle: async (entries, step) => {
      const first = entries[0]
      const between = await store.log.read(step.from, 100)
      moves.push([between.findIndex(({ cursor }) => cursor === first?.cursor), step.from === place])
      place = step.to
      return store.log.advance(step)
    },
  }
  const follower = new Follower({ log, handler, clock, say: quiet.log, meter: quiet.meter })
  running.push(follower)
  await accept('a@one.example')
  follower.start()
  await until('it has looked', () => looked === 1)
  await accept('b@one.example')
  await cancelled('gone@one.example')
  await until('it has heard of one', () => {
    clock.advance(SECOND)
    return moves.some(([at]) => at >= 0)
  })
  // First the place moves over what was looked at; then comes what stands behind it.
  expect(moves).toEqual([
    [-1, true],
    [1, true],
  ])
})

test('what stands behind a stretch without anything wanted is heard of', async () => {
  for (let at = 0; at < 6; at++) {
    await accept(...Array.from({ length: 100 }, (_, one) => `u${at}-${one}@one.example`))
  }
  const seen: string[] = []
  follow(noting(seen), { wish: { types: ['email.cancelled'] } })
  await cancelled('gone@one.example')
  await until('it is heard of', () => {
    clock.advance(SECOND)
    return seen.length === 1
  })
  expect(seen).toEqual(['gone@one.example'])
})

test('a stop waits for the stretch under way and begins no other', async () => {
  await accept('a@one.example')
  let isInside = false
  let goOn = (): void => undefined
  const follower = follow(async () => {
    isInside = true
    await new Promise<void>((resolve) => {
      goOn = resolve
    })
    return ok('overtaken')
  })
  await until('it is inside', () => isInside)
  const stopped = follower.stop()
  isInside = false
  goOn()
  await stopped
  clock.advance(10 * SECOND)
  expect(isInside).toBe(false)
})

test('what a follower has not read is known to retention', async () => {
  expect(await oldestUnread(store.log, ['reader', 'other'])).toBeNull()
  await accept('a@one.example')
  expect(await oldestUnread(store.log, ['reader', 'other'])).toBe(NOW)
  const seen: string[] = []
  follow(noting(seen))
  await until('it is read', () => seen.length === 1)
  expect(await oldestUnread(store.log, ['reader'])).toBeNull()
  expect(await oldestUnread(store.log, ['reader', 'other'])).toBe(NOW)
})
