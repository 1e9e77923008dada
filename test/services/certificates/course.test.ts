import { describe, expect, test } from 'bun:test'
import { DAY, HOUR, MINUTE } from '../../../src/core/time.ts'
import type { AcmeFault } from '../../../src/net/tls/acme/fault.ts'
import {
  afterFailure,
  afterIssue,
  afterWindow,
  type Course,
  courseOf,
  isDue,
  NO_COURSE,
  refusedUntil,
} from '../../../src/services/certificates/course.ts'
import { certifiedHosts } from '../../../src/services/certificates/hosts.ts'

const NOW = Date.UTC(2026, 10, 23)
const chance = (dice = 0) => ({ now: NOW, dice })
const course = (over: Partial<Course> = {}): Course => ({ ...NO_COURSE, ...over })
const no = (over: Partial<AcmeFault> = {}): AcmeFault => ({
  kind: 'refused',
  type: 'connection',
  detail: 'no way',
  retryAfter: null,
  ...over,
})
const failed = (before: Course, fault = no(), counts = true) =>
  afterFailure(before, { fault, remedy: 'mend it', counts }, chance())

test.each([
  ['none yet', {}, false, true],
  ['none yet, and it failed a moment ago', { nextTryAt: NOW + MINUTE }, false, false],
  ['somebody mended it', { nextTryAt: NOW + MINUTE }, true, true],
  ['the authority said later: nobody goes before', { limitedUntil: NOW + MINUTE }, true, false],
  ['young', { renewAt: NOW + 1 }, false, false],
  ['of age', { renewAt: NOW }, false, true],
  ['a wait from before the clock was set back', { nextTryAt: NOW + 40 * DAY }, false, true],
  ['a limit from before the clock was set back', { limitedUntil: NOW + 400 * DAY }, false, true],
  [
    'four failures within an hour',
    { failedAt: [5, 10, 15, 20].map((m) => NOW - m * MINUTE).sort() },
    true,
    false,
  ],
  [
    'three failures within an hour',
    { failedAt: [5, 10, 15, 70].map((m) => NOW - m * MINUTE).sort() },
    true,
    true,
  ],
  ['four certificates within a week', { issuedAt: [4, 3, 2, 1].map((d) => NOW - d * DAY) }, true, false],
  [
    'that does not keep from a renewal',
    { renewAt: NOW, issuedAt: [4, 3, 2, 1].map((d) => NOW - d * DAY) },
    false,
    true,
  ],
])('due: %s', (_what, over, wanted, due) => {
  expect(isDue(course(over), wanted, NOW)).toBe(due)
})

describe('after an issue', () => {
  test.each([
    [0, 60],
    [1, 55.5],
  ])('by lot %p it is renewed on day %p of 90', (dice, day) => {
    const life = { notBefore: NOW, notAfter: NOW + 90 * DAY }
    expect(afterIssue(course(), life, chance(dice)).renewAt).toBeCloseTo(NOW + day * DAY, -3)
  })

  test('faults are forgotten, and what counts at the authority is not', () => {
    const before = failed(course({ issuedAt: [1] }))
    const { failures, fault, failedAt, issuedAt } = afterIssue(
      before,
      { notBefore: NOW, notAfter: NOW + DAY },
      chance(),
    )
    expect([failures, fault, failedAt, issuedAt]).toEqual([0, null, [NOW], [1, NOW]])
  })

  test('one whose life is over already is not ordered without end', () => {
    const life = { notBefore: NOW - 90 * DAY, notAfter: NOW - DAY }
    expect(isDue(afterIssue(course(), life, chance()), false, NOW + MINUTE)).toBe(false)
  })
})

describe('after a failure', () => {
  test('waits grow, to a day', () => {
    let at = course()
    const waits: number[] = []
    for (let n = 0; n < 9; n += 1) {
      at = failed(at)
      waits.push((at.nextTryAt - NOW) / MINUTE)
    }
    expect(waits).toEqual([5, 15, 60, 180, 360, 720, 1440, 1440, 1440])
    expect(at.failedAt).toHaveLength(8)
  })

  test('while the authority is away nothing is counted, and it is asked again soon', () => {
    const at = failed(course({ failures: 9 }), no({ kind: 'away' }))
    expect([at.failedAt, at.nextTryAt - NOW]).toEqual([[], HOUR])
  })

  test('a limit without a time is an hour, one with a time is kept to', () => {
    const unsaid = failed(course(), no({ kind: 'limited' }))
    const said = failed(course(), no({ kind: 'limited', retryAfter: 3 * DAY }))
    expect([unsaid.limitedUntil, said.limitedUntil]).toEqual([NOW + HOUR, NOW + 3 * DAY])
    expect(refusedUntil(said, true, NOW)?.until).toBe(NOW + 3 * DAY)
  })

  test('it survives being stored', () => {
    const at = failed(course())
    expect(courseOf(JSON.stringify(at))).toEqual(at)
    expect(courseOf('{}')).toEqual(NO_COURSE)
  })
})

describe('the window of the authority', () => {
  const window = { start: NOW + DAY, end: NOW + 2 * DAY, askAgain: HOUR, why: 'https://why.test' }

  test('a moment in it by lot, which stays while it lies inside', () => {
    const drawn = afterWindow(course({ renewAt: NOW + 50 * DAY }), window, chance(0.5))
    expect([drawn.renewAt, drawn.askAt, drawn.why]).toEqual([NOW + 1.5 * DAY, NOW + HOUR, window.why])
    expect(afterWindow(drawn, window, chance(0.9)).renewAt).toBe(NOW + 1.5 * DAY)
  })

  test('one that is past means now; none changes nothing', () => {
    const past = { ...window, start: NOW - 2 * DAY, end: NOW - DAY }
    expect(isDue(afterWindow(course({ renewAt: NOW + DAY }), past, chance(0.5)), false, NOW)).toBe(true)
    expect(afterWindow(course({ renewAt: 7 }), null, chance()).renewAt).toBe(7)
  })
})

test('hosts: ours first, each once, only what an authority could certify', () => {
  const own = ['Mail.Example.com.', 'localhost', '192.0.2.1', '::1', 'box', 'mail.example.com', 'box.local']
  expect(certifiedHosts(own, ['track.a.test', 'mail.example.com', 'track.b.test'])).toEqual([
    'mail.example.com',
    'track.a.test',
    'track.b.test',
  ])
})
