import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { isOfMail } from '../../../src/core/event.ts'
import { SECOND } from '../../../src/core/time.ts'
import { Counting, STATS } from '../../../src/services/stats/counting.ts'
import { OTHERS } from '../../../src/services/stats/names.ts'
import { RollUp } from '../../../src/services/stats/roll-up.ts'
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
const mayReport = (provider: string): boolean => provider === 'big.example'
const countingOn = (store: Store, limit?: number) =>
  new Counting({ store: store.stats, providerOf, mayReport }, limit)

// ── Following it ────────────────────────────────────────────────────────────────────────────────

/** A node that reads stretches, from where it believes to stand. */
function nodeOn(store: Store, length: number) {
  const counting = countingOn(store, length)
  let place: LogCursor | null = null
  return async (): Promise<'done' | 'overtaken' | 'end'> => {
    const from = place ?? (await store.log.cursor(STATS))
    const done = await counting.step(from)
    if (!done.ok) throw new Error(done.error)
    const step = done.value
    place = step.kind === 'done' ? step.to : null
    return step.kind
  }
}

function countingSuite(open: () => Promise<Store>, runs: number): void {
  test('sums equal a naive count over the log, however it is read and by however many nodes', async () => {
    const length = fc.integer({ min: 1, max: 60 })
    const turns = fc.array(fc.nat(1), { maxLength: 12 })
    let overtaken = 0
    const logs = fc.array(happened, { maxLength: 150 })
    const property = fc.asyncProperty(logs, length, turns, async (all, some, whose) => {
      const store = await open()
      try {
        const messages = await accepted(store)
        const events = all.map((one) => eventOf(one, messages[one.message] ?? acceptanceOf()))
        await told(store, events)
        const nodes = [nodeOn(store, some), nodeOn(store, some + 3)]
        for (const who of whose) {
          const ends = await Promise.all([nodes[who]?.(), nodes[1 - who]?.()])
          overtaken += ends.filter((end) => end === 'overtaken').length
        }
        await until('both have come to the end', async () => {
          const ends = [await nodes[0]?.(), await nodes[1]?.()]
          return ends.every((end) => end === 'end')
        })
        const log = (await store.log.read(LOG_START, 10_000)).map(({ event }) => event).filter(isOfMail)
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
      new RollUp({ log: store.log, counting: countingOn(store, 100), clock, say, meter })
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
        const [entry] = await store.log.read(await store.log.cursor(STATS), 1)
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
    const node = nodeOn(store, 25)
    for (let at = 0; at < 60; at++) {
      const tags = Array.from({ length: 10 }, (_, nth) => `order-${at}-${nth}`)
      await store.queue.accept(acceptanceOf({ message: { tags } }))
    }
    while ((await node()) !== 'end');
    const tags = await store.stats.totals({ account: ACCOUNT, dimension: 'tag', limit: 1000, ...WHOLE })
    expect(tags).toHaveLength(501)
    // Ten messages beyond the fiftieth: of each message its tags without a name of their own are one.
    expect(tags[0]).toEqual({ name: OTHERS, counts: new Map([['sent', 10]]) })
    await store.close()
  })

  test('no commit holds the writer long: what has many names goes in small stretches', async () => {
    const store = await openStore(`sqlite:${join(root, `${opened++}.db`)}`, storeOptions())
    for (let at = 0; at < 60; at++) {
      const tags = Array.from({ length: 10 }, (_, nth) => `order-${at}-${nth}`)
      for (let nth = 0; nth < 10; nth++) await store.queue.accept(acceptanceOf({ message: { tags } }))
    }
    const rows: number[] = []
    const add: Store['stats']['add'] = (counts, step) => {
      rows.push(counts.length)
      return store.stats.add(counts, step)
    }
    const counting = new Counting({ store: { ...store.stats, add }, providerOf, mayReport })
    for (let place = LOG_START; ; ) {
      const done = await counting.step(place)
      if (!done.ok || done.value.kind !== 'done') break
      place = done.value.to
    }
    expect(rows.length).toBeGreaterThan(1)
    expect(Math.max(...rows)).toBeLessThanOrEqual(700)
    const [one] = await store.stats.totals({ account: ACCOUNT, dimension: 'stream', limit: 9, ...WHOLE })
    expect(one?.counts.get('sent')).toBe(600)
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
