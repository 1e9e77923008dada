// Owns: what the suppression list has to keep in either engine.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { EventId } from '../../../src/core/ids.ts'
import type { Suppression } from '../../../src/core/suppression.ts'
import { LOG_START, type LogCursor, type LogStep } from '../../../src/store/log-store.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Lesson, SuppressionListAsk } from '../../../src/store/suppression-store.ts'
import { ACCOUNT, NOW, type Open } from './samples.ts'

const entry = (recipient: string, more: Partial<Suppression> = {}): Suppression => ({
  accountId: ACCOUNT,
  recipient,
  scope: '',
  reason: 'hard_bounce',
  eventId: 'evt_000000000001' as EventId,
  note: 'Benutzer "unbekannt" ✓',
  createdAt: NOW,
  expiresAt: NOW + 1000,
  ...more,
})

const ALL: SuppressionListAsk = {
  account: ACCOUNT,
  limit: 100,
  after: null,
  reason: null,
  scope: null,
  domain: null,
  now: null,
}

const NOTHING: Lesson = {
  suppress: [],
  strike: [],
  forgive: [],
  takeBack: [],
  reached: [],
  forgetReachedFrom: null,
}
const step = (from: string, to: string): LogStep => ({
  follower: 'tester',
  from: from as LogCursor,
  to: to as LogCursor,
})

export function suppressionContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())

  describe('the list', () => {
    test('keeps entries as they were given, and replaces what stands at the same place', async () => {
      const kept = entry('a@one.example', { scope: 'list:news', expiresAt: null, eventId: null })
      await store.suppressions.put([entry('a@one.example'), kept])
      expect(await store.suppressions.entries(ACCOUNT, 'a@one.example')).toEqual([
        entry('a@one.example'),
        kept,
      ])
      const manual = entry('a@one.example', { reason: 'manual', note: 'asked by phone', expiresAt: null })
      await store.suppressions.put([entry('a@one.example'), manual])
      expect(await store.suppressions.entries(ACCOUNT, 'a@one.example')).toEqual([manual, kept])
    })

    test('takes half a character for what it is: a cut note must not stop who writes it', async () => {
      const cut = entry('a@one.example', { note: '550 no \ud83d' })
      expect(await store.suppressions.put([cut])).toEqual({ ok: true, value: undefined })
      expect((await store.suppressions.entries(ACCOUNT, 'a@one.example'))[0]?.note).toBe('550 no \ufffd')
      const learned = { ...entry('b@one.example', { note: '\ude00 no' }), provider: '' }
      expect(
        await store.suppressions.learn({ ...NOTHING, suppress: [learned] }, step(LOG_START, '1')),
      ).toMatchObject({ ok: true })
    })

    test('finds the few of one domain in a long list, page by page, while others have their turn', async () => {
      const all = Array.from({ length: 9000 }, (_, at) =>
        entry(`u${String(at).padStart(5, '0')}@${at % 1000 === 999 ? 'rare' : 'usual'}.example`, {
          expiresAt: null,
        }),
      )
      for (let at = 0; at < all.length; at += 250) await store.suppressions.put(all.slice(at, at + 250))
      let othersHadTheirTurn = false
      setImmediate(() => {
        othersHadTheirTurn = true
      })
      expect(await store.suppressions.list({ ...ALL, domain: 'nobody.example' })).toEqual([])
      expect(othersHadTheirTurn).toBe(true)
      const found: string[] = []
      let after: SuppressionListAsk['after'] = null
      for (;;) {
        const page = await store.suppressions.list({ ...ALL, limit: 4, after, domain: 'rare.example' })
        found.push(...page.map(({ recipient }) => recipient))
        const last = page.at(-1)
        if (last === undefined || page.length < 4) break
        after = { recipient: last.recipient, scope: last.scope }
      }
      const back = {
        ...ALL,
        limit: 3,
        before: { recipient: 'zzz', scope: '' },
        domain: 'rare.example',
      } as const
      const last = (await store.suppressions.list(back)).map(({ recipient }) => recipient)
      expect(last).toEqual(found.slice(-3))
      expect(found).toEqual(
        all.map(({ recipient }) => recipient).filter((one) => one.endsWith('@rare.example')),
      )
    })

    test('says who is blocked now, in which scope, by the oldest entry', async () => {
      await store.suppressions.put([
        entry('a@one.example', { scope: 'marketing', createdAt: NOW - 5 }),
        entry('a@one.example'),
        entry('b@one.example', { expiresAt: NOW }),
        entry('c@one.example', { scope: 'marketing' }),
      ])
      const recipients = ['a@one.example', 'b@one.example', 'c@one.example', 'd@one.example']
      const ask = { account: ACCOUNT, recipients, now: NOW }
      expect([...(await store.suppressions.blocking({ ...ask, scopes: [''] })).keys()]).toEqual([
        'a@one.example',
      ])
      const marketing = await store.suppressions.blocking({ ...ask, scopes: ['', 'marketing'] })
      expect([...marketing.keys()].sort()).toEqual(['a@one.example', 'c@one.example'])
      expect(marketing.get('a@one.example')).toEqual({
        recipient: 'a@one.example',
        scope: 'marketing',
        reason: 'hard_bounce',
        createdAt: NOW - 5,
      })
    })

    test('is read page by page, with filters', async () => {
      const many = Array.from({ length: 25 }, (_, at) => entry(`u${String(at).padStart(2, '0')}@one.example`))
      await store.suppressions.put([
        ...many,
        entry('u03@one.example', { scope: 'marketing', reason: 'complaint' }),
        entry('x@two.example', { expiresAt: NOW }),
      ])
      const seen: string[] = []
      let after: SuppressionListAsk['after'] = null
      for (let page = await next(); page.length > 0; page = await next()) {
        seen.push(...page.map((one) => `${one.recipient} ${one.scope}`))
        after = page.at(-1) ?? null
      }
      async function next() {
        return store.suppressions.list({ ...ALL, limit: 4, after })
      }
      expect(seen.length).toBe(27)
      expect(new Set(seen).size).toBe(27)
      expect(seen).toEqual([...seen].sort())
      const middle = { recipient: 'u03@one.example', scope: 'marketing' } as const
      const place = seen.indexOf('u03@one.example marketing')
      const back = await store.suppressions.list({ ...ALL, limit: 3, before: middle })
      expect(back.map((one) => `${one.recipient} ${one.scope}`)).toEqual(seen.slice(place - 3, place))
      expect(await store.suppressions.list({ ...ALL, before: { recipient: 'a', scope: '' } })).toEqual([])
      const found = async (ask: Partial<SuppressionListAsk>) =>
        (await store.suppressions.list({ ...ALL, ...ask })).map((one) => one.recipient)
      expect(await found({ reason: 'complaint' })).toEqual(['u03@one.example'])
      expect(await found({ domain: 'two.example' })).toEqual(['x@two.example'])
      expect(await found({ domain: 'two.example', now: NOW })).toEqual([])
      expect(await found({ scope: 'marketing' })).toEqual(['u03@one.example'])
    })

    test('lets go of one scope or of all', async () => {
      await store.suppressions.put([
        entry('a@one.example'),
        entry('a@one.example', { scope: 'marketing' }),
        entry('a@one.example', { scope: 'list:x' }),
      ])
      expect(await store.suppressions.remove(ACCOUNT, 'a@one.example', 'marketing')).toEqual({
        ok: true,
        value: 1,
      })
      expect(await store.suppressions.remove(ACCOUNT, 'a@one.example', null)).toEqual({ ok: true, value: 2 })
      expect(await store.suppressions.remove(ACCOUNT, 'a@one.example', null)).toEqual({ ok: true, value: 0 })
      expect(await store.suppressions.hasAny(ACCOUNT)).toBe(false)
    })
  })

  describe('what a follower learns', () => {
    const suppressed = (recipient: string, more: Partial<Suppression> = {}) => ({
      ...entry(recipient, more),
      provider: 'one.example',
    })

    test('is written with its place in the log, once', async () => {
      const lesson = { ...NOTHING, suppress: [suppressed('a@one.example')], reached: [1, 2 ** 53 - 1] }
      const first = await store.suppressions.learn(lesson, step(LOG_START, '7'))
      expect(first).toEqual({ ok: true, value: { takenBack: [] } })
      expect(await store.log.cursor('tester')).toBe('7' as LogCursor)
      expect([...(await store.suppressions.reached())].sort()).toEqual([1, 2 ** 53 - 1])
      const again = { ...NOTHING, suppress: [suppressed('b@one.example')] }
      expect(await store.suppressions.learn(again, step(LOG_START, '8'))).toEqual({
        ok: true,
        value: 'overtaken',
      })
      expect(await store.suppressions.entries(ACCOUNT, 'b@one.example')).toEqual([])
      expect(await store.log.cursor('tester')).toBe('7' as LogCursor)
    })

    test('of two that take the same step at once only one has an effect', async () => {
      const ends = await Promise.all(
        ['a', 'b', 'c', 'd'].map((name) =>
          store.suppressions.learn(
            { ...NOTHING, suppress: [suppressed(`${name}@one.example`)] },
            step(LOG_START, '9'),
          ),
        ),
      )
      expect(ends.filter((end) => end.ok && end.value !== 'overtaken').length).toBe(1)
      expect((await store.suppressions.list(ALL)).length).toBe(1)
    })

    test('never shortens what lasts longer', async () => {
      const manual = entry('a@one.example', { reason: 'manual', expiresAt: null })
      const long = entry('b@one.example', { reason: 'manual', expiresAt: NOW + 5000 })
      await store.suppressions.put([manual, long, entry('c@one.example', { expiresAt: NOW - 1 })])
      const suppress = ['a', 'b', 'c'].map((name) =>
        suppressed(`${name}@one.example`, { createdAt: NOW + 1, expiresAt: NOW + 2000 }),
      )
      await store.suppressions.learn({ ...NOTHING, suppress }, step(LOG_START, '1'))
      const all = await store.suppressions.list(ALL)
      expect(all.map((one) => one.expiresAt)).toEqual([null, NOW + 5000, NOW + 2000])
    })

    test('can be taken back by provider and time; what others say stays', async () => {
      const suppress = [
        suppressed('old@one.example', { createdAt: NOW - 100 }),
        suppressed('new@one.example'),
        { ...suppressed('other@one.example'), provider: 'two.example' },
      ]
      await store.suppressions.put([entry('hand@one.example', { reason: 'manual' })])
      await store.suppressions.learn({ ...NOTHING, suppress }, step(LOG_START, '1'))
      const takeBack = [{ provider: 'one.example', since: NOW - 50 }]
      expect(await store.suppressions.learn({ ...NOTHING, takeBack }, step('1', '2'))).toEqual({
        ok: true,
        value: { takenBack: [1] },
      })
      expect((await store.suppressions.list(ALL)).map((one) => one.recipient)).toEqual([
        'hand@one.example',
        'old@one.example',
        'other@one.example',
      ])
    })

    test('who has no effects moves alone, and not past another', async () => {
      expect(await store.log.advance(step(LOG_START, '1'))).toEqual({ ok: true, value: 'done' })
      expect(await store.log.advance(step(LOG_START, '2'))).toEqual({ ok: true, value: 'overtaken' })
      expect(await store.log.advance(step('1', '3'))).toEqual({ ok: true, value: 'done' })
      expect(await store.log.cursor('tester')).toBe('3' as LogCursor)
    })

    test('a large hash can be forgotten', async () => {
      const lesson = { ...NOTHING, reached: [5, 6, 2 ** 52] }
      await store.suppressions.learn(lesson, step(LOG_START, '1'))
      await store.suppressions.learn({ ...NOTHING, reached: [7], forgetReachedFrom: 6 }, step('1', '2'))
      expect(await store.suppressions.reached()).toEqual([5])
    })

    test('strikes are counted and forgiven', async () => {
      expect(await store.suppressions.hasStrikes()).toBe(false)
      const strike = { accountId: ACCOUNT, recipient: 'a@one.example', count: 1, lastAt: NOW }
      await store.suppressions.learn({ ...NOTHING, strike: [strike] }, step(LOG_START, '1'))
      expect(await store.suppressions.strikes(ACCOUNT, ['a@one.example', 'b@one.example'])).toEqual([strike])
      await store.suppressions.learn(
        { ...NOTHING, forgive: [{ accountId: ACCOUNT, recipient: 'a@one.example' }] },
        step('1', '2'),
      )
      expect(await store.suppressions.hasStrikes()).toBe(false)
    })
  })
}
