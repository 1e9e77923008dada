import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { SECOND } from '../../../src/core/time.ts'
import { Follower } from '../../../src/services/following/follower.ts'
import { Counting } from '../../../src/services/stats/counting.ts'
import { OTHERS } from '../../../src/services/stats/names.ts'
import { LOG_START, type LogCursor } from '../../../src/store/log-store.ts'
import { openStore } from '../../../src/store/open.ts'
import type { Store } from '../../../src/store/store.ts'
import { ACCOUNT, acceptanceOf, NOW, storeOptions } from '../../store/contract/samples.ts'
import { handClock } from '../../support/clock.ts'
import { emptied, freshDatabase, postgresSuite } from '../../support/postgres-cluster.ts'
import { accepted, eventOf, happened, kept, naive, told, WHOLE } from '../../support/stats-log.ts'
import { until } from '../../support/until.ts'

setDefaultTimeout(120_000)

const providerOf = (mx: string): string => mx.split('.').slice(-2).join('.')
const countingOn = (store: Store) => new Counting({ store: store.stats, providerOf })

// ── Following it ────────────────────────────────────────────────────────────────────────────────

/** A node that reads stretches of any length, from where it believes to stand. */
function nodeOn(store: Store) {
  const handler = countingOn(store)
  let place: LogCursor | null = null
  return async (length: number): Promise<'done' | 'overtaken' | 'end'> => {
    const from = place ?? (await store.log.cursor(handler.name))
    const entries = await store.log.read(from, length)
    const last = entries.at(-1)
    if (last === undefined) return 'end'
    const step = { follower: handler.name, from, to: last.cursor }
    const done = await handler.handle(entries, step)
    if (!done.ok) throw new Error(done.error)
    place = done.value === 'done' ? last.cursor : null
    return done.value
  }
}

function countingSuite(open: () => Promise<Store>, runs: number): void {
  test('sums equal a naive count over the log, however it is read and by however many nodes', async () => {
    const lengths = fc.array(fc.tuple(fc.nat(1), fc.integer({ min: 1, max: 60 })), { maxLength: 12 })
    let overtaken = 0
    const property = fc.asyncProperty(fc.array(happened, { maxLength: 150 }), lengths, async (all, turns) => {
      const store = await open()
      try {
        const messages = await accepted(store)
        const events = all.map((one) => eventOf(one, messages[one.message] ?? acceptanceOf()))
        await told(store, events)
        const nodes = [nodeOn(store), nodeOn(store)]
        for (const [who, length] of turns) {
          const ends = await Promise.all([nodes[who]?.(length), nodes[1 - who]?.(length + 3)])
          overtaken += ends.filter((end) => end === 'overtaken').length
        }
        await until('both have come to the end', async () => {
          const ends = [await nodes[0]?.(50), await nodes[1]?.(50)]
          return ends.every((end) => end === 'end')
        })
        const log = (await store.log.read(LOG_START, 10_000)).map(({ event }) => event)
        expect(log).toHaveLength(events.length)
        expect(await kept(store)).toEqual(naive(log, messages))
      } finally {
        await store.close()
      }
    })
    await fc.assert(property, { numRuns: runs })
    // Else it would prove less than it says.
    expect(overtaken).toBeGreaterThan(0)
  })

  test('a follower of the log keeps it, and a second one from the same place adds nothing', async () => {
    const store = await open()
    const { log: say, meter } = storeOptions()
    const clock = handClock(NOW)
    const followerOn = () =>
      new Follower({ log: store.log, handler: countingOn(store), clock, say, meter, period: SECOND })
    const followers = [followerOn(), followerOn()]
    try {
      for (let at = 0; at < 700; at++) await store.queue.accept(acceptanceOf({ message: { tags: ['t'] } }))
      for (const follower of followers) follower.start()
      const sent = async () =>
        (await store.stats.totals({ account: ACCOUNT, dimension: 'tag', limit: 9, ...WHOLE })).map(
          ({ counts }) => counts.get('sent'),
        )
      await until('all are counted', async () => {
        clock.advance(SECOND)
        const [entry] = await store.log.read(await store.log.cursor('stats'), 1)
        return entry === undefined
      })
      expect(await sent()).toEqual([700])
    } finally {
      for (const follower of followers) await follower.stop()
      await store.close()
    }
  })
}

describe('sqlite', () => {
  const root = mkdtempSync(join(tmpdir(), 'mailwok-counting-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  let opened = 0
  countingSuite(() => openStore(`sqlite:${join(root, `${opened++}.db`)}`, storeOptions()), 25)

  test('more names than a person reads are counted together, and none is lost', async () => {
    const store = await openStore(`sqlite:${join(root, `${opened++}.db`)}`, storeOptions())
    const node = nodeOn(store)
    for (let at = 0; at < 60; at++) {
      const tags = Array.from({ length: 10 }, (_, nth) => `order-${at}-${nth}`)
      await store.queue.accept(acceptanceOf({ message: { tags } }))
    }
    while ((await node(25)) !== 'end');
    const tags = await store.stats.totals({ account: ACCOUNT, dimension: 'tag', limit: 1000, ...WHOLE })
    expect(tags).toHaveLength(501)
    // Ten messages beyond the fiftieth: of each message its tags without a name of their own are one.
    expect(tags[0]).toEqual({ name: OTHERS, counts: new Map([['sent', 10]]) })
    await store.close()
  })
})

const suite = postgresSuite('postgres')
describe.skipIf(suite.skip)(suite.name, () => {
  let url = ''
  beforeAll(async () => {
    url = await freshDatabase()
  })
  countingSuite(async () => {
    await emptied(url)
    return openStore(url, storeOptions())
  }, 8)
})
