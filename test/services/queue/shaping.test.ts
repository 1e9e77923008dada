import { describe, expect, test } from 'bun:test'
import { HOUR, MINUTE, SECOND } from '../../../src/core/time.ts'
import { SENDER, ShapingBench } from '../../support/shaping-bench.ts'

describe('growth', () => {
  test('one connection more for each success, up to the ceiling', () => {
    const lane = new ShapingBench()
    expect([lane.connections, lane.state]).toEqual([2, 'growing'])
    expect(lane.delivered(5).connections).toBe(7)
    expect(lane.delivered(100).connections).toBe(20)
    expect(lane.state).toBe('steady')
  })

  test('what nobody uses does not grow', () => {
    const lane = new ShapingBench()
    for (let i = 0; i < 50; i++) lane.lane.delivered(lane.now, 1, SENDER)
    expect(lane.connections).toBe(2)
  })

  test('after the first sign of pressure it takes many successes for one connection', () => {
    const lane = new ShapingBench()
    lane.delivered(8)
    lane.pressed('too-many-connections')
    expect(lane.connections).toBe(9)
    expect(lane.delivered(1000).connections).toBe(9)
    lane.wait(10 * SECOND).delivered(150)
    expect(lane.connections).toBe(9)
    expect(lane.delivered(50).connections).toBe(10)
  })
})

describe('too many connections', () => {
  test('each refusal is one connection too many', () => {
    const lane = new ShapingBench()
    lane.delivered(30)
    for (let i = 0; i < 15; i++) lane.pressed('too-many-connections')
    expect(lane.connections).toBe(5)
  })

  test('what was open counts, not what would have been allowed', () => {
    const lane = new ShapingBench()
    lane.delivered(30)
    lane.pressed('too-many-connections', { open: 4 })
    expect(lane.connections).toBe(3)
  })

  test('the last one left is a matter of pace', () => {
    const lane = new ShapingBench({ start: 1 })
    lane.pressed('too-many-connections', { open: 1 })
    expect([lane.connections, lane.rate]).toEqual([1, 0.1])
  })
})

describe('slow down', () => {
  test('half of what was measured, and half of the connections', () => {
    const lane = new ShapingBench()
    lane.flow(10, 60)
    expect(lane.pressed('slow-down')).toBe('slowed')
    expect(lane.connections).toBe(10)
    expect(lane.rate).toBeCloseTo(5, 0)
    expect(lane.state).toBe('slowed')
  })

  test('answers to what was under way are one answer', () => {
    const lane = new ShapingBench()
    lane.flow(10, 60)
    lane.pressed('slow-down')
    const rate = lane.rate
    for (let i = 0; i < 20; i++) expect(lane.pressed('slow-down')).toBeNull()
    expect(lane.rate).toBe(rate)
  })

  test('a tenth more per healthy minute, and free at four times what was too much', () => {
    const lane = new ShapingBench()
    lane.flow(10, 60)
    lane.pressed('slow-down')
    const first = lane.rate ?? 0
    expect(lane.wait(MINUTE).rate).toBeCloseTo(first * 1.1, 6)
    expect(lane.wait(MINUTE).rate).toBeCloseTo(first * 1.21, 6)
    expect(lane.wait(19 * MINUTE).rate).not.toBeNull()
    expect(lane.wait(2 * MINUTE).rate).toBeNull()
  })

  test('while the limit makes mail wait it is not dropped but raised', () => {
    const lane = new ShapingBench()
    lane.flow(10, 60)
    lane.pressed('slow-down')
    lane.wait(22 * MINUTE)
    for (let minute = 0; minute < 3; minute++) {
      const rate = lane.rate ?? 0
      lane.flow(Math.floor(rate), 60)
      if (minute > 0) expect(lane.rate).toBeCloseTo(rate * 2, 6)
    }
  })

  test('a storm in which nothing arrives: down to six a minute, and up again by doubling', () => {
    const lane = new ShapingBench()
    lane.flow(10, 60)
    for (let i = 0; i < 20; i++) {
      lane.pressed('slow-down')
      lane.wait(20 * SECOND)
    }
    lane.pressed('slow-down')
    expect(lane.rate).toBe(0.1)
    expect(lane.wait(MINUTE).rate).toBeCloseTo(0.2, 6)
    expect(lane.wait(MINUTE).rate).toBeCloseTo(0.4, 6)
    // Never beyond half of what was too much before the storm.
    expect(lane.wait(20 * MINUTE).rate ?? 0).toBeLessThan(40)
    expect(lane.rate ?? 0).toBeGreaterThan(4)
  })

  test("the provider's ceiling stays when what was told is forgotten", () => {
    const lane = new ShapingBench({ rate: 10 })
    expect(lane.rate).toBe(10)
    lane.flow(10, 60)
    lane.pressed('slow-down')
    expect(lane.rate).toBeLessThan(6)
    expect(lane.wait(5 * HOUR).rate).toBe(10)
  })
})

describe('pauses', () => {
  const LENGTHS = [5, 10, 20, 40, 60, 60].map((minutes) => minutes * MINUTE)

  test('a block before MAIL pauses at once; each failed probe twice as long, up to an hour', () => {
    const lane = new ShapingBench()
    lane.delivered(10)
    for (const length of LENGTHS) {
      expect(lane.pressed('blocked', { early: true, open: 1 })).toBe('paused')
      expect([lane.connections, lane.state]).toEqual([0, 'paused'])
      expect(lane.lane.pausedUntil(lane.now)).toBe(lane.now + length)
      lane.wait(length - 1)
      expect(lane.connections).toBe(0)
      lane.wait(1)
      expect([lane.connections, lane.state]).toEqual([1, 'probing'])
    }
    expect(lane.lane.delivered(lane.now, 1, SENDER)).toBe('recovered')
    expect([lane.connections, lane.state, lane.lane.blocked]).toEqual([2, 'growing', false])
  })

  test.each([
    [0, 4.5],
    [0.5, 5],
    [1, 5.5],
  ])('jitter: dice %p makes it %p minutes', (dice, minutes) => {
    const lane = new ShapingBench()
    lane.pressed('blocked', { early: true, dice })
    expect(lane.lane.pausedUntil(lane.now)).toBe(lane.now + minutes * MINUTE)
  })

  test('from MAIL on it takes three more blocks than successes', () => {
    const lane = new ShapingBench()
    lane.delivered(10)
    expect([lane.pressed('blocked'), lane.pressed('blocked')]).toEqual([null, null])
    lane.delivered(1)
    expect([lane.pressed('blocked'), lane.pressed('blocked')]).toEqual([null, 'paused'])
  })

  test('who lets some mail through and blocks again bears less in a second, and is believed when it takes mail again', () => {
    const lane = new ShapingBench()
    const block = () => [1, 2, 3].map(() => lane.pressed('blocked')).at(-1)
    const recovered = () => {
      lane.wait(11 * MINUTE)
      return lane.lane.delivered(lane.now, 1, SENDER)
    }
    lane.flow(10, 60)
    expect([block(), recovered(), lane.rate]).toEqual(['paused', 'recovered', null])
    lane.flow(10, 60)
    expect(block()).toBe('paused')
    // What is not sent proves nothing: a rate does not grow in a pause.
    expect([recovered(), lane.state]).toEqual(['recovered', 'slowed'])
    expect(lane.rate).toBeCloseTo(5, 0)
    expect(lane.wait(MINUTE).rate).toBeCloseTo(5.5, 0)
  })

  test('a block after an hour of health says nothing of our pace', () => {
    const lane = new ShapingBench()
    for (let i = 0; i < 3; i++) {
      lane.flow(10, 60)
      expect(lane.pressed('blocked', { early: true })).toBe('paused')
      lane.wait(HOUR)
      lane.lane.delivered(lane.now, 1, SENDER)
      expect(lane.rate).toBeNull()
      lane.wait(HOUR + 1)
    }
  })

  test("one sender's block does not stop the others who pass", () => {
    const lane = new ShapingBench()
    for (let i = 0; i < 50; i++) {
      expect(lane.pressed('blocked', { sender: 'spam.example' })).not.toBe('paused')
      if (i % 10 === 0) lane.delivered(1, 'good.example')
    }
    lane.wait(MINUTE + 1)
    expect(lane.pressed('blocked', { sender: 'spam.example' })).toBe('paused')
    expect(lane.state).toBe('paused')
  })

  test('a stranger that cannot be reached is paused at once, others after three more silences than successes', () => {
    const stranger = new ShapingBench()
    expect(stranger.pressed('unreachable')).toBe('paused')
    expect(stranger.lane.pausedUntil(stranger.now)).toBe(stranger.now + 30 * SECOND)
    const known = new ShapingBench()
    known.delivered(10)
    const lost = (open = 3) => known.pressed('unreachable', { open })
    expect([lost(), lost(), known.delivered(2) && null]).toEqual([null, null, null])
    expect([1, 2, 3].map(() => lost())).toEqual([null, null, 'paused'])
    // Of eight that are at work three say nothing of the other five.
    known.wait(MINUTE).delivered(10)
    expect(Array.from({ length: 8 }, () => lost(8)).indexOf('paused')).toBe(7)
  })

  test('what was under way when the pause began changes nothing', () => {
    const lane = new ShapingBench()
    lane.delivered(10)
    lane.pressed('blocked', { early: true })
    const until = lane.lane.pausedUntil(lane.now)
    for (let i = 0; i < 10; i++) expect(lane.pressed('blocked', { early: true })).toBeNull()
    expect(lane.lane.pausedUntil(lane.now)).toBe(until)
  })

  test('an unreachable peer that answers "slow down" is there again', () => {
    const lane = new ShapingBench()
    lane.pressed('unreachable')
    lane.wait(MINUTE)
    expect(lane.pressed('slow-down', { open: 1 })).toBe('slowed')
    expect(lane.connections).toBe(1)
    expect(lane.state).toBe('slowed')
  })

  test('a no to one mail ends the probe: somebody is there', () => {
    const lane = new ShapingBench()
    lane.pressed('unreachable')
    lane.wait(MINUTE)
    expect(lane.lane.answered(lane.now)).toBe('recovered')
  })

  test('after an hour of health the first pause is the short one again', () => {
    const lane = new ShapingBench()
    for (let i = 0; i < 3; i++) {
      lane.pressed('blocked', { early: true, open: 1 })
      lane.wait(HOUR)
    }
    lane.delivered().wait(HOUR + 1)
    lane.pressed('blocked', { early: true })
    expect(lane.lane.pausedUntil(lane.now)).toBe(lane.now + 5 * MINUTE)
  })
})

describe('over a restart', () => {
  const WALL = Date.UTC(2026, 0, 1)

  test('limit, rate and the rest of the pause stay', () => {
    const before = new ShapingBench()
    before.flow(10, 60)
    before.pressed('slow-down')
    const rate = before.rate
    before.wait(20 * SECOND)
    before.pressed('blocked', { early: true })
    const kept = JSON.parse(JSON.stringify(before.lane.remember(before.now, WALL)))
    const after = new ShapingBench()
    after.lane.recall(kept, after.now, WALL + 2 * MINUTE)
    expect([after.state, after.rate, after.lane.why]).toEqual(['paused', rate, '4xx no'])
    expect(after.lane.pausedUntil(after.now)).toBe(after.now + 3 * MINUTE)
    expect(after.lane.isMarked(after.now)).toBe(true)
  })

  test.each([-24 * HOUR, 24 * HOUR])(
    'a clock that was set by %p ms makes no pause longer than the longest',
    (step) => {
      const before = new ShapingBench()
      before.pressed('blocked', { early: true })
      const kept = before.lane.remember(before.now, WALL)
      const after = new ShapingBench()
      after.lane.recall(kept, after.now, WALL + step)
      const until = after.lane.pausedUntil(after.now) ?? after.now
      expect(until - after.now).toBeLessThanOrEqual(1.1 * HOUR)
    },
  )

  test('a rate does not grow in the rest of a pause', () => {
    const before = new ShapingBench()
    before.flow(10, 60)
    before.pressed('blocked', { early: true })
    before
      .wait(6 * MINUTE)
      .delivered()
      .flow(10, 60)
    before.pressed('blocked', { early: true })
    const after = new ShapingBench()
    after.lane.recall(before.lane.remember(before.now, 0), after.now, MINUTE)
    expect(after.wait(11 * MINUTE).delivered().rate).toBeCloseTo(5, 0)
  })

  test('a lane that was never pressed has nothing to remember', () => {
    const lane = new ShapingBench()
    lane.delivered(100)
    expect(lane.lane.isMarked(lane.now)).toBe(false)
  })
})
