import { afterEach, expect, test } from 'bun:test'
import { DAY, HOUR } from '../../../src/core/time.ts'
import { Domains } from '../../../src/services/domains/domains.ts'
import { secretsOf } from '../../../src/services/domains/secret.ts'
import { domain } from '../../support/dkim.ts'
import { domainHouse, OWN, publish } from '../../support/domains.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

test('where the zone of keys is served from here, four CNAME are published once and keys change behind them', async () => {
  const { accountNamed, clock, close, directory, dns, ids, resolver } = await domainHouse()
  closing.push(close)
  const domains = new Domains({
    directory,
    resolver,
    clock,
    ids,
    secrets: secretsOf([Buffer.alloc(32, 7)]),
    own: { ...OWN, dkimZone: 'dkim.example.net' },
    options: { checkEvery: 4 * HOUR, rotateEvery: 180 * DAY },
    onChanged: () => undefined,
  })
  const name = domain('example.com')
  const account = await accountNamed('default')
  const added = await domains.add(account, name)
  if (!added.ok) throw new Error(added.error)
  const cnames = () =>
    added.value.records
      .filter(({ name: at }) => at.includes('_domainkey'))
      .map((one) => [one.type, one.name, one.value])
  expect(cnames()).toEqual(
    ['mw1r', 'mw1e', 'mw2r', 'mw2e'].map((selector) => [
      'CNAME',
      `${selector}._domainkey.example.com`,
      `${selector}.example.com.dkim.example.net`,
    ]),
  )
  const before = await domains.verify(name, account)
  expect(before.ok && before.value.care?.findings[0]?.fix).toContain(
    'the CNAME mw1e.example.com.dkim.example.net',
  )
  publish(dns, added.value.records)
  const serve = async () => {
    for (const { name: at, strings } of await domains.zone()) dns.set(at, { TXT: [strings] })
  }
  const look = async () => {
    const seen = await domains.verify(name, account)
    if (!seen.ok) throw new Error(seen.error)
    return seen.value
  }
  await serve()
  expect((await look()).domain.verifiedAt).not.toBeNull()
  clock.advance(2 * HOUR)
  const rotated = await domains.rotate(name, account)
  expect(rotated.ok && rotated.value.domain.rotationWanted).toBe(false)
  const states = async () =>
    (await directory.dkimKeys(name)).map(({ selector, state }) => `${selector} ${state}`)
  // No third name: the next keys are made when the ones before may go.
  expect(await states()).toEqual(['mw1e retired', 'mw1r retired', 'mw2e active', 'mw2r active'])
  clock.advance(8 * DAY)
  const old = (await directory.dkimKeys(name)).find(({ selector }) => selector === 'mw1r')?.publicKey
  await look()
  expect(await states()).toEqual(['mw1e next', 'mw1r next', 'mw2e active', 'mw2r active'])
  expect((await directory.dkimKeys(name)).find(({ selector }) => selector === 'mw1r')?.publicKey).not.toBe(
    old,
  )
  // Its record is the one of before until the zone is loaded anew: that is wrong, and changes nothing.
  expect((await look()).care?.findings.find(({ name: at }) => at.startsWith('mw1r'))?.state).toBe('wrong')
  await serve()
  const after = await look()
  expect(after.care?.findings.filter(({ check }) => check === 'dkim').map(({ state }) => state)).toEqual(
    Array(4).fill('ok'),
  )
  expect(after.domain.verifiedAt).not.toBeNull()
})
