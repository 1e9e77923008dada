import { afterEach, describe, expect, test } from 'bun:test'
import { HOUR, MINUTE } from '../../../src/core/time.ts'
import { DomainRound } from '../../../src/services/domains/round.ts'
import { storeOptions } from '../../store/contract/samples.ts'
import { domain } from '../../support/dkim.ts'
import { domainHouse, publish } from '../../support/domains.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function house() {
  const made = await domainHouse()
  closing.push(made.close)
  const account = await made.accountNamed('default')
  const looked: string[] = []
  const domains = {
    verify: (name: Parameters<typeof made.domains.verify>[0]) => {
      looked.push(name)
      return made.domains.verify(name, null)
    },
  }
  const { log, meter } = storeOptions()
  const round = () => new DomainRound({ directory: made.directory, domains, clock: made.clock, log, meter })
  return { ...made, account, looked, round }
}

describe('domains are looked at by the clock', () => {
  test('each when it is its turn: soon while it is new, seldom when all is right', async () => {
    const { account, clock, dns, domains, looked, round } = await house()
    const added = await domains.add(account, domain('a.example'))
    if (!added.ok) throw new Error(added.error)
    const one = round()
    await one.turn()
    await one.turn()
    expect(looked).toHaveLength(1)
    clock.advance(20 * MINUTE)
    await one.turn()
    expect(looked).toHaveLength(2)
    publish(dns, added.value.records)
    clock.advance(20 * MINUTE)
    await one.turn()
    expect((await domains.list(null))[0]?.verifiedAt).not.toBeNull()
    clock.advance(HOUR)
    await one.turn()
    expect(looked).toHaveLength(3)
    // A next key is seen a second time after an hour, so that it could be used.
    clock.advance(10 * MINUTE)
    await one.turn()
    expect(looked).toHaveLength(4)
    clock.advance(2 * HOUR)
    await one.turn()
    expect(looked).toHaveLength(4)
    clock.advance(3 * HOUR)
    await one.turn()
    expect(looked).toHaveLength(5)
  })

  test('by one of several nodes', async () => {
    const { account, domains, looked, round } = await house()
    const names = Array.from({ length: 9 }, (_, at) => `d${at}.example`)
    for (const name of names) await domains.add(account, domain(name))
    await Promise.all([round().turn(), round().turn(), round().turn()])
    expect([...looked].sort()).toEqual(names)
  })

  test('and keys that are due change by themselves', async () => {
    const { account, clock, dns, domains, directory, round } = await house()
    const name = domain('a.example')
    const added = await domains.add(account, name)
    if (!added.ok) throw new Error(added.error)
    publish(dns, added.value.records)
    const told: string[] = []
    domains.onTold(async (events) => void told.push(...events.map(({ type }) => type)))
    const one = round()
    const states = async () =>
      (await directory.dkimKeys(name)).map(({ selector, state }) => `${selector} ${state}`)
    // Nearly half a year.
    for (let at = 0; at < 11; at++) {
      await one.turn()
      clock.advance(179 * 2 * HOUR)
    }
    expect(await states()).toEqual(['mw1e active', 'mw1r active', 'mw2e next', 'mw2r next'])
    clock.advance(20 * 24 * HOUR)
    await one.turn()
    expect(await states()).toEqual([
      'mw1e retired',
      'mw1r retired',
      'mw2e active',
      'mw2r active',
      'mw3e next',
      'mw3r next',
    ])
    expect(told).toEqual(['domain.verified', 'domain.dkim_rotated'])
    clock.advance(9 * 24 * HOUR)
    await one.turn()
    expect(await states()).toEqual(['mw2e active', 'mw2r active', 'mw3e next', 'mw3r next'])
    expect(told).toEqual(['domain.verified', 'domain.dkim_rotated', 'domain.action_needed'])
    // What is asked for is asked for once.
    clock.advance(5 * HOUR)
    await one.turn()
    expect(told).toHaveLength(3)
    const signing = await domains.signingKeys(name)
    expect(signing.map(({ selector }) => selector)).toEqual(['mw2e', 'mw2r'])
  })

  test('also after the clock was set back by a year', async () => {
    const { account, clock, domains, looked, round } = await house()
    clock.jump(365 * 24 * HOUR)
    await domains.add(account, domain('a.example'))
    const one = round()
    await one.turn()
    clock.jump(-365 * 24 * HOUR)
    await one.turn()
    expect(looked).toHaveLength(2)
    await one.turn()
    expect(looked).toHaveLength(2)
  })
})
