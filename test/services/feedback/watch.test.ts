import { afterAll, afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY, MINUTE, SECOND } from '../../../src/core/time.ts'
import { resume } from '../../../src/services/feedback/resume.ts'
import { type SendingAlert, Watch } from '../../../src/services/feedback/watch.ts'
import { Counting } from '../../../src/services/stats/counting.ts'
import { LOG_START, type LogCursor } from '../../../src/store/log-store.ts'
import { openStore } from '../../../src/store/open.ts'
import type { StatGroup } from '../../../src/store/stats-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { ACCOUNT, domainNamed, storeOptions } from '../../store/contract/samples.ts'
import { type HandClock, handClock } from '../../support/clock.ts'

const root = mkdtempSync(join(tmpdir(), 'mailwok-feedback-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const START = Date.parse('2027-01-15T10:00:00Z')

interface Happening {
  readonly delivered?: number
  readonly hard?: number
  readonly complained?: number
  readonly domain?: string
  readonly stream?: 'marketing' | 'transactional'
  readonly provider?: string
}

let store: Store
let clock: HandClock
let watch: Watch
let letters: SendingAlert[]
let changes: number
let opened = 0
let place: LogCursor

beforeEach(async () => {
  store = await openStore(`sqlite:${join(root, `${opened++}.db`)}`, storeOptions())
  clock = handClock(START)
  letters = []
  changes = 0
  place = LOG_START
  watch = watchOn()
})
afterEach(() => store.close())

const watchOn = () =>
  new Watch({
    stats: store.stats,
    sending: store.sending,
    nameOf: async () => 'shop',
    alert: async (alert) => void letters.push(alert),
    changed: async () => {
      changes += 1
    },
    clock,
    ...quiet(),
  })
const quiet = () => {
  const { log, meter } = storeOptions()
  return { log, meter }
}

/** Counted as a node counts it. `big` may report from the beginning. */
async function happens(of: Happening): Promise<void> {
  const { complained = 0, delivered = 0, domain = 'a.example', hard = 0 } = of
  const { provider = 'big', stream = 'marketing' } = of
  const message = { signingDomain: domainNamed(domain), stream, tags: [], campaign: null }
  const head = { accountId: ACCOUNT, hour: clock.now(), message, taker: { mx: provider, via: '' } }
  const groups: readonly StatGroup[] = [
    { ...head, type: 'email.delivered' as const, what: '0', count: delivered },
    { ...head, type: 'email.bounced' as const, what: 'hard.mailbox_unknown', count: hard },
    { ...head, type: 'email.bounced' as const, what: 'soft.spam', count: 0 },
    { ...head, type: 'email.complained' as const, what: null, count: complained },
  ].filter(({ count }) => count > 0)
  const to = String(Number(place) + 1) as LogCursor
  const stretch = async () => ({ to, events: 1, lastAt: clock.now(), groups })
  const counting = new Counting({
    store: { ...store.stats, stretch },
    providerOf: (mx) => mx,
    mayReport: (name) => name === 'big',
  })
  expect((await counting.step(place)).ok).toBe(true)
  place = to
}

/** The next look, at which all is counted. */
async function looked(): Promise<readonly string[]> {
  clock.advance(10 * SECOND)
  await watch.counted([ACCOUNT], clock.now())
  return standing()
}

const standing = async () =>
  (await store.sending.list(null)).map(({ kind, name, state }) => `${kind} ${name} ${state}`)

const pausedDomain = async (name = 'a.example') => {
  const found = (await store.sending.list(null)).find((state) => state.name === name)
  if (found?.state !== 'paused') throw new Error(`${name} is not paused`)
  return found
}

const resumed = async (name?: string) =>
  expect(await resume({ sending: store.sending, clock, ...quiet() }, await pausedDomain(name))).toEqual({
    ok: true,
    value: true,
  })

describe('limits', () => {
  test('complaints: a warning, then a pause, with a letter each', async () => {
    await happens({ delivered: 3_000, complained: 2 })
    expect(await looked()).toEqual([])
    await happens({ complained: 1 })
    expect(await looked()).toEqual(['domain a.example warned'])
    expect(changes).toBe(0)
    await happens({ complained: 6 })
    expect(await looked()).toEqual(['domain a.example paused'])
    expect(changes).toBe(1)
    expect(letters.map(({ state, whose }) => [state.state, whose])).toEqual([
      ['warned', 'a.example'],
      ['paused', 'a.example'],
    ])
    expect(letters[1]?.state.reason).toBe(
      'In 7 days 9 of 3,000 mails were marked as spam at providers that report it: 0.3 %, and 0.3 % pauses marketing mail.',
    )
    expect(await looked()).toEqual(['domain a.example paused'])
    expect(letters).toHaveLength(2)
  })

  test('hard bounces', async () => {
    await happens({ delivered: 195, hard: 4 })
    expect(await looked()).toEqual([])
    await happens({ delivered: 1 })
    expect(await looked()).toEqual(['domain a.example warned'])
    await happens({ hard: 7 })
    expect(await looked()).toEqual(['domain a.example paused'])
    expect(letters.at(-1)?.state.reason).toBe(
      'In 7 days 11 of 207 mails went to addresses that do not exist: 5.31 %, and 5 % pauses marketing mail.',
    )
  })

  test('what providers take that report nothing makes no rate smaller', async () => {
    await happens({ delivered: 1_000_000, provider: 'silent' })
    await happens({ delivered: 1_000, complained: 3 })
    expect(await looked()).toEqual(['domain a.example paused'])
  })

  test('a provider that nobody knew reports from its first complaint on', async () => {
    await happens({ delivered: 5_000, provider: 'small' })
    await happens({ complained: 2, provider: 'small' })
    await happens({ delivered: 999, provider: 'small' })
    await happens({ complained: 1, provider: 'small' })
    expect(await looked()).toEqual([])
    await happens({ delivered: 1, provider: 'small' })
    expect(await looked()).toEqual(['domain a.example paused'])
  })

  test.each<readonly [days: number, string[]]>([
    [6, ['domain a.example warned']],
    [7, []],
  ])('what happened %p days ago', async (days, want) => {
    await happens({ delivered: 1_000, complained: 2 })
    clock.advance(days * DAY)
    await happens({ delivered: 1_000, complained: 1 })
    expect(await looked()).toEqual(want)
  })

  test('a warning ends by itself when days have passed, also of who sends nothing', async () => {
    await happens({ delivered: 1_000, hard: 25 })
    expect(await looked()).toEqual(['domain a.example warned'])
    clock.advance(8 * DAY)
    await watch.counted([], clock.now())
    expect(await standing()).toEqual([])
  })

  test('a pause does not', async () => {
    await happens({ delivered: 100, hard: 100 })
    expect(await looked()).toEqual(['domain a.example paused'])
    clock.advance(30 * DAY)
    expect(await looked()).toEqual(['domain a.example paused'])
  })
})

describe('whose it is', () => {
  test('of one bad domain neither stream nor account is paused', async () => {
    await happens({ domain: 'good.example', delivered: 1_000 })
    await happens({ domain: 'bad.example', delivered: 1_000, complained: 30, hard: 500 })
    expect(await looked()).toEqual(['domain bad.example paused'])
    expect(letters).toHaveLength(1)
  })

  test('many small domains are the stream, which is not the account once more', async () => {
    for (let at = 0; at < 10; at++) {
      await happens({ domain: `d${at}.example`, delivered: 100, complained: 1, hard: 10 })
    }
    expect(await looked()).toEqual(['stream marketing paused'])
    expect(letters[0]?.whose).toBe('the stream marketing of the account shop')
  })

  test('transactional mail alone is warned of', async () => {
    for (let at = 0; at < 10; at++) {
      await happens({ domain: `d${at}.example`, stream: 'transactional', delivered: 90, hard: 10 })
    }
    expect(await looked()).toEqual(['stream transactional warned'])
  })
})

describe('resumed', () => {
  test('only what happens from then on counts', async () => {
    await happens({ delivered: 1_000, complained: 30 })
    expect(await looked()).toEqual(['domain a.example paused'])
    await resumed()
    // Not all is counted: nobody knows yet what was before.
    clock.advance(10 * SECOND)
    await watch.counted([ACCOUNT], null)
    expect(await looked()).toEqual(['domain a.example resumed'])
    expect(await looked()).toEqual(['domain a.example resumed'])
    await happens({ delivered: 999, complained: 3 })
    expect(await looked()).toEqual(['domain a.example resumed'])
    await happens({ delivered: 1 })
    expect(await looked()).toEqual(['domain a.example paused'])
    expect(letters.map(({ key }) => key)).toHaveLength(2)
    expect(new Set(letters.map(({ key }) => key)).size).toBe(2)
  })

  test('on later days as well, and what was before is forgotten with its day', async () => {
    await happens({ delivered: 1_000, complained: 30 })
    await looked()
    await resumed()
    await looked()
    clock.advance(2 * DAY)
    await happens({ delivered: 3_000, complained: 2 })
    expect(await looked()).toEqual(['domain a.example resumed'])
    clock.advance(5 * DAY)
    expect(await looked()).toEqual([])
    await happens({ complained: 1 })
    expect(await looked()).toEqual(['domain a.example warned'])
  })

  test('what was forgiven to a domain is not held against its account', async () => {
    await happens({ delivered: 1_000, complained: 30 })
    await looked()
    await resumed()
    for (let at = 0; at < 3; at++) expect(await looked()).toEqual(['domain a.example resumed'])
  })
})

describe('several nodes, and restarts', () => {
  test('both tell the operator by one key, and one of them is heard', async () => {
    await happens({ delivered: 100, hard: 100 })
    const other = watchOn()
    clock.advance(MINUTE)
    await Promise.all([watch.counted([ACCOUNT], clock.now()), other.counted([ACCOUNT], clock.now())])
    expect(await standing()).toEqual(['domain a.example paused'])
    expect(new Set(letters.map(({ key }) => key)).size).toBe(1)
    expect(changes).toBe(1)
  })

  test('a node that starts looks at all who are warned', async () => {
    await happens({ delivered: 1_000, hard: 25 })
    await looked()
    watch = watchOn()
    clock.advance(8 * DAY)
    await watch.counted([], clock.now())
    expect(await standing()).toEqual([])
  })
})
