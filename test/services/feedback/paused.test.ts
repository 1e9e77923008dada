import { expect, test } from 'bun:test'
import type { AccountId } from '../../../src/core/ids.ts'
import { findings } from '../../../src/services/feedback/judge.ts'
import { Paused, type SentBy } from '../../../src/services/feedback/paused.ts'
import { reasonOf, refusalOf, waitsOf } from '../../../src/services/feedback/words.ts'
import type { SendingState } from '../../../src/store/sending-store.ts'
import { ACCOUNT, domainNamed } from '../../store/contract/samples.ts'

const OTHER = 'acc_000000000002' as AccountId
const state = (of: Partial<SendingState>): SendingState => ({
  accountId: ACCOUNT,
  kind: 'domain',
  name: 'a.example',
  state: 'paused',
  reason: 'Why.',
  facts: '{}',
  since: Date.parse('2027-01-15T10:02:07Z'),
  ...of,
})
const mail = (of: Partial<SentBy> = {}): SentBy => ({
  accountId: ACCOUNT,
  signingDomain: domainNamed('a.example'),
  stream: 'marketing',
  ...of,
})

test.each<readonly [string, Partial<SendingState>, Partial<SentBy>, boolean]>([
  ['its domain', {}, {}, true],
  ['another domain', { name: 'b.example' }, {}, false],
  ['its stream', { kind: 'stream', name: 'marketing' }, {}, true],
  ['its account', { kind: 'account', name: '' }, { signingDomain: domainNamed('b.example') }, true],
  ['another account', { kind: 'account', name: '', accountId: OTHER }, {}, false],
  ['a domain of that name, of another account', { accountId: OTHER }, {}, false],
  ['its domain, and it is no marketing mail', {}, { stream: 'transactional' }, false],
  [
    'its account, and it is no marketing mail',
    { kind: 'account', name: '' },
    { stream: 'transactional' },
    false,
  ],
  ['the other stream', { kind: 'stream', name: 'transactional' }, {}, false],
  ['nothing: warned alone', { state: 'warned' }, {}, false],
  ['nothing: resumed', { state: 'resumed' }, {}, false],
])('paused is %s', (_, of, by, isPaused) => {
  const paused = new Paused()
  paused.learn([state(of)])
  expect(paused.of(mail(by)) !== null).toBe(isPaused)
})

test('what is new is told once, in both directions', () => {
  const paused = new Paused()
  const news = (...states: readonly SendingState[]) => {
    const { paused: begun, resumed } = paused.learn(states)
    return [[...begun], [...resumed]]
  }
  expect(news()).toEqual([[], []])
  expect(news(state({}))).toEqual([[ACCOUNT], []])
  expect(news(state({}))).toEqual([[], []])
  expect(news(state({}), state({ accountId: OTHER }))).toEqual([[OTHER], []])
  expect(news(state({ state: 'resumed' }), state({ accountId: OTHER }))).toEqual([[], [ACCOUNT]])
  expect(news()).toEqual([[], [OTHER]])
})

test('what the door says fits into a reply, whatever the figures are', () => {
  const found = findings({
    sent: 123_456_789,
    hardBounced: 99_999_999,
    delivered: 1_234_567,
    complained: 999_999,
  })
  const name = `${'a'.repeat(60)}.${'b'.repeat(60)}.example`
  const said = refusalOf(state({ name, reason: reasonOf(found) })) ?? ''
  expect(said).toContain('marked as spam')
  expect(said).not.toContain('do not exist')
  expect(`450 4.7.1 ${said}\r\n`.length).toBeLessThanOrEqual(512)
})

test('what the door says', () => {
  expect(refusalOf(null)).toBeNull()
  expect(waitsOf(null)).toBeNull()
  expect(refusalOf(state({}))).toBe(
    'Marketing mail of a.example is paused since 2027-01-15 10:02 UTC. Why. Transactional mail goes on; the operator resumes with "mailwok sending resume".',
  )
  expect(waitsOf(state({ kind: 'account', name: '' }))).toBe(
    'Marketing mail of this account is paused since 2027-01-15 10:02 UTC. Why. It goes on after "mailwok sending resume".',
  )
})
