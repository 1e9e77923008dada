import { expect, test } from 'bun:test'
import { MINUTE } from '../../../src/core/time.ts'
import { FailureBrake } from '../../../src/services/accounts/failure-brake.ts'
import { LoginBrake } from '../../../src/services/people/login-brake.ts'

const OWNER = { peer: '192.0.2.1', who: 'owner@example.com' }

test('who goes on guessing is refused unheard, until it is forgiven', () => {
  const brake = new LoginBrake(new FailureBrake())
  const from = { ...OWNER, peer: '198.51.100.7' }
  const waits: number[] = []
  for (let at = 0; at < 10; at++) {
    expect(brake.enter(from, at)).toBeNull()
    waits.push(brake.failed(from, at))
    brake.leave(from)
  }
  expect(waits).toEqual([0, 0, 0, 250, 500, 1000, 2000, 4000, 8000, 10_000])
  expect(brake.enter(from, 20)).toBe(MINUTE - 11)
  expect(brake.enter(from, MINUTE + 20)).toBeNull()
})

test('the owner is heard from elsewhere, whoever guesses at him', () => {
  const brake = new LoginBrake(new FailureBrake())
  for (let host = 1; host < 250; host++) {
    const from = { ...OWNER, peer: `198.51.100.${host}` }
    if (brake.enter(from, host) === null) brake.failed(from, host)
  }
  expect(brake.enter(OWNER, 300)).toBeNull()
  brake.succeeded(OWNER)
  brake.leave(OWNER)
})

test('of the guesses at one user a few run at the same time', () => {
  const brake = new LoginBrake(new FailureBrake())
  const from = { ...OWNER, peer: '198.51.100.7' }
  brake.enter(from, 0)
  brake.failed(from, 0)
  brake.leave(from)
  const entered = Array.from({ length: 20 }, () => brake.enter(from, 1)).filter((wait) => wait === null)
  expect(entered).toHaveLength(4)
  // Not even from another address that has failed; the owner's own is heard.
  const other = { ...from, peer: '198.51.100.8' }
  brake.failed(other, 1)
  expect(brake.enter(other, 2)).toBe(1000)
  expect(brake.enter(OWNER, 2)).toBeNull()
  brake.leave(from)
  brake.leave(from)
  expect(brake.enter(from, 2)).toBeNull()
})

test('of one address a few run at the same time, whomever they are for', () => {
  const brake = new LoginBrake(new FailureBrake())
  const waits = Array.from({ length: 6 }, (_, at) =>
    brake.enter({ peer: '198.51.100.7', who: `user ${at}` }, 0),
  )
  expect(waits).toEqual([null, null, null, null, 1000, 1000])
})

test('logging in oneself forgives no guesses at others', () => {
  const brake = new LoginBrake(new FailureBrake())
  const peer = '198.51.100.7'
  for (let at = 0; at < 10; at++) {
    brake.failed({ peer, who: OWNER.who }, at)
    brake.succeeded({ peer, who: 'thief@example.com' })
  }
  expect(brake.enter({ peer, who: OWNER.who }, 20)).toBeGreaterThan(0)
  // Whose own it was is.
  brake.succeeded({ peer, who: OWNER.who })
  expect(brake.enter({ peer, who: OWNER.who }, 20)).toBeNull()
})
