//
// Owns: what both engines promise of finding mail: whatever is asked, what is found is what a look at every message
// finds, with an index, without one, with half of one, page by page in both directions.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { deliveryId, type Ids, idAfter, idsFor, type MessageId } from '../../../src/core/ids.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/core/time.ts'
import { inSmall, wordsIn } from '../../../src/store/search/terms.ts'
import type { SearchAsk } from '../../../src/store/search-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { chanceOf } from '../../reliability/chance.ts'
import { ACCOUNT, acceptanceOf, domainNamed, HOLDER, mailboxNamed, NOW, type Open } from './samples.ts'
import { ALL, ended, foundIn, HOSTS, type Kept, made, OTHER, STATES } from './search-mail.ts'

/** A block, half of one, and what no block has. */
const MESSAGES = 9000

export function searchContract(open: Open): void {
  let store: Store
  let now = NOW
  let mail: Kept[]
  let own: Ids

  beforeEach(async () => {
    store = await open()
    now = NOW
    mail = []
    own = idsFor('r', () => now)
    await store.queue.heartbeat(HOLDER, NOW, NOW + DAY)
  })
  afterEach(() => store.close())

  const expected = (ask: SearchAsk): readonly MessageId[] => foundIn(mail, ask)

  const fill = (from: number, to: number): Promise<void> =>
    accept(Array.from({ length: to - from }, (_, place) => from + place))

  async function accept(numbers: readonly number[]): Promise<void> {
    const some = numbers.map((number) => {
      now += 7
      return made(number, { ids: own, at: now })
    })
    mail.push(...some.map(({ kept }) => kept))
    for (let at = 0; at < some.length; at += 500) {
      const part = some.slice(at, at + 500)
      const accepted = await Promise.all(part.map(({ acceptance }) => store.queue.accept(acceptance)))
      expect(accepted.every(({ ok }) => ok)).toBe(true)
      await store.queue.settle(part.flatMap(ended), HOLDER)
    }
  }

  const idsFound = async (ask: SearchAsk): Promise<readonly MessageId[]> => {
    const page = await store.search.find(ask)
    expect(page.lookedTo).toBeNull()
    return page.found.map(({ id }) => id)
  }

  const asks = (count: number): readonly SearchAsk[] => {
    const chance = chanceOf(7)
    const maybe = <T>(value: () => T): T | null => (chance.next() < 0.25 ? value() : null)
    const some = (): Kept => mail[Math.floor(chance.between(0, mail.length))] as Kept
    return Array.from({ length: count }, () => ({
      ...ALL,
      account: chance.next() < 0.1 ? null : chance.next() < 0.7 ? ACCOUNT : OTHER,
      recipient: maybe(() => inSmall(some().deliveries.at(-1)?.recipient ?? '')),
      destination: maybe(() => domainNamed(HOSTS[Math.floor(chance.between(0, 3))] ?? '')),
      from: maybe(() => (chance.next() < 0.5 ? inSmall(some().from) : '@mail.example.com')),
      words: maybe(() => wordsIn(some().subject).slice(0, 2)) ?? [],
      tag: maybe(() => some().tags.at(-1) ?? ''),
      campaign: chance.next() < 0.05 ? 'summer' : null,
      stream: maybe(() => 'marketing' as const),
      mode: maybe(() => 'test' as const),
      states: maybe(() => [...STATES, 'scheduled' as const].filter(() => chance.next() < 0.3)),
      since: maybe(() => some().at),
      until: maybe(() => some().at),
      after: maybe(() => some().id),
      before: maybe(() => some().id),
      limit: chance.next() < 0.5 ? 3 : 50,
    })).map((ask) => (ask.states?.length === 0 ? { ...ask, states: null } : ask))
  }

  async function built(): Promise<number> {
    for (let blocks = 0; ; blocks++) {
      const made = await store.search.build(now + MINUTE)
      if (!made.ok) throw new Error(made.error)
      if (made.value === null) return blocks
    }
  }

  test('finds what a look at everything finds, with and without its index', async () => {
    await fill(0, MESSAGES / 2)
    for (const ask of asks(40)) expect(await idsFound(ask)).toEqual(expected(ask))
    expect(await built()).toBe(1)
    await fill(MESSAGES / 2, MESSAGES)
    for (const ask of asks(80)) expect(await idsFound(ask)).toEqual(expected(ask))
    expect(await built()).toBe(1)
    const again = asks(80)
    for (const ask of again) expect(await idsFound(ask)).toEqual(expected(ask))
    expect(again.filter((ask) => expected(ask).length > 0).length).toBeGreaterThan(15)
  }, 60_000)

  test('page by page, down and up, all of it comes once', async () => {
    await fill(0, 6000)
    await built()
    const ask = { ...ALL, stream: 'marketing' as const, limit: 97 }
    const all = expected({ ...ask, limit: MESSAGES })
    const down: MessageId[] = []
    for (let after: MessageId | null = null; ; after = down.at(-1) ?? null) {
      const page = await store.search.find({ ...ask, after })
      down.push(...page.found.map(({ id }) => id))
      if (!page.more) break
    }
    expect(down).toEqual([...all])
    const up: MessageId[] = []
    for (let before = 'msg_000000000000' as MessageId; ; before = up[0] ?? before) {
      const page = await store.search.find({ ...ask, before })
      up.unshift(...page.found.map(({ id }) => id))
      if (!page.more) break
    }
    expect(up).toEqual([...all])
  }, 60_000)

  test('patience ends, and says from where to go on; nothing is left out', async () => {
    await fill(0, 9000)
    await built()
    const ask = { ...ALL, account: null, from: '@mail.example.com', tag: 'rare', limit: 1000, patience: -1 }
    const all: MessageId[] = []
    let stops = 0
    for (let after: MessageId | null = null; ; ) {
      const page = await store.search.find({ ...ask, after })
      all.push(...page.found.map(({ id }) => id))
      if (!page.more) break
      stops += 1
      after = page.lookedTo
      expect(after).toMatch(/^msg_[0-9a-z]{12}$/)
    }
    expect(stops).toBeGreaterThan(1)
    expect(all).toEqual([...expected({ ...ask, patience: 0 })])
  }, 60_000)

  test('what becomes of mail is found at once, also a late bounce in a block that was closed', async () => {
    await accept(Array.from({ length: 4200 }, (_, at) => 18 * Math.floor(at / 3) + 9 + (at % 3)))
    expect(new Set(mail.map(({ deliveries }) => deliveries[0]?.state))).toEqual(new Set(['delivered']))
    await built()
    const kept = mail[5] as Kept
    const recipient = inSmall(kept.deliveries[0]?.recipient ?? '')
    const bounces = { ...ALL, account: null, states: ['bounced' as const], recipient, limit: 1000 }
    expect(await idsFound(bounces)).toEqual([])
    const late = await store.queue.late({
      deliveryId: deliveryId(kept.id, 0),
      becomes: 'bounced',
      events: [
        {
          id: own.event(),
          type: 'email.bounced',
          accountId: kept.account,
          messageId: kept.id,
          deliveryId: deliveryId(kept.id, 0),
          recipient: mailboxNamed(kept.deliveries[0]?.recipient ?? ''),
          at: NOW + HOUR,
          late: true,
          peer: { mx: null, ip: null, software: null },
          failure: { type: 'hard', reason: 'mailbox_unknown', enhancedCode: '5.1.1', diagnostic: '550' },
        } as never,
      ],
    })
    expect(late).toEqual({ ok: true, value: 'added' })
    expect(await idsFound(bounces)).toEqual([kept.id])
  }, 60_000)

  test('a block is looked at again, and closed when all in it has ended', async () => {
    await fill(0, 4200)
    await built()
    expect(await store.search.recheck(now)).toEqual({ ok: true, value: null })
    await store.queue.drop({}, NOW, () => own.event())
    const looked = await store.search.recheck(now + 2 * HOUR)
    expect(looked.ok && looked.value?.messages).toBe(4096)
    expect(await store.search.recheck(now + 2 * HOUR)).toEqual({ ok: true, value: null })
    const found = await store.search.find({ ...ALL, account: null, states: ['cancelled'], limit: 500 })
    expect(found.found.length).toBe(500)
  }, 60_000)

  test('what was committed late, into a block that stood already, is found after the next look at it', async () => {
    await fill(0, 4200)
    await built()
    const first = mail[0] as Kept
    const late = acceptanceOf({
      to: ['late@one.example'],
      // Before the very first one, and between two.
      message: { id: idAfter((mail[7] as Kept).id), createdAt: first.at },
    })
    const earliest = acceptanceOf({
      to: ['late@one.example'],
      message: { id: 'msg_000000000001' as MessageId, createdAt: first.at },
    })
    for (const one of [late, earliest]) expect((await store.queue.accept(one)).ok).toBe(true)
    expect((await store.search.recheck(now + 2 * HOUR)).ok).toBe(true)
    expect(await idsFound({ ...ALL, recipient: 'late@one.example' })).toEqual([
      late.message.id,
      earliest.message.id,
    ])
  }, 60_000)

  test('a clock that was set back finds no block in what is yet to come', async () => {
    await fill(0, 4200)
    expect(await built()).toBe(1)
    now = NOW - DAY
    own = idsFor('s', () => now)
    await fill(4200, 4210)
    expect(await store.search.build(now + MINUTE)).toEqual({ ok: true, value: null })
    const ask = { ...ALL, account: null, until: NOW - SECOND }
    expect(await idsFound(ask)).toEqual(
      mail
        .slice(4200)
        .map(({ id }) => id)
        .reverse(),
    )
  }, 60_000)

  test('a page says who gets a message, and how they are', async () => {
    await fill(0, 101)
    const [newest] = (await store.search.find({ ...ALL, account: null, recipient: 'jörg@one.example' })).found
    expect(newest?.recipients.map(({ recipient }) => recipient as string)).toEqual(['jörg@one.example'])
    expect([...(newest?.states.values() ?? [])].reduce((sum, count) => sum + count, 0)).toBe(3)
    const [any] = (await store.search.find({ ...ALL, account: null, recipient: 'ann100@two.example' })).found
    expect(any?.id).toBe(mail[100]?.id)
  })
}
