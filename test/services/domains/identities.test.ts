import { afterEach, describe, expect, test } from 'bun:test'
import { Identities, type IdentityFacts } from '../../../src/services/domains/identities.ts'
import { NOTHING_SEEN } from '../../../src/services/domains/records.ts'
import { domain } from '../../support/dkim.ts'
import { domainHouse, OWN, recordSeen } from '../../support/domains.ts'

const EXAMPLE = domain('example.com')
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function house() {
  const made = await domainHouse()
  closing.push(made.close)
  await made.domains.add(await made.accountNamed('default'), EXAMPLE)
  const identities = new Identities<IdentityFacts>({ ...made, own: OWN, make: (facts) => ({ ...facts }) })
  return { ...made, identities }
}

describe('identities', () => {
  test('are at hand once they were loaded', async () => {
    const { identities, domains } = await house()
    expect(identities.peek(EXAMPLE)).toBeNull()
    const [first, second] = await Promise.all([identities.load(EXAMPLE), identities.load(EXAMPLE)])
    expect(second).toBe(first)
    expect(identities.peek(EXAMPLE)).toBe(first)
    expect(first.keys).toEqual(await domains.signingKeys(EXAMPLE))
  })

  test('stay the same object as long as nothing changed', async () => {
    const { identities, clock } = await house()
    const first = await identities.load(EXAMPLE)
    clock.advance(30_000)
    expect(identities.peek(EXAMPLE)).toBeNull()
    expect(await identities.load(EXAMPLE)).toBe(first)
    identities.forget(EXAMPLE)
    expect(identities.peek(EXAMPLE)).toBeNull()
    expect(await identities.load(EXAMPLE)).toBe(first)
  })

  test('bounces come back to the domain’s own host once that is published, else to ours', async () => {
    const { identities, directory } = await house()
    const before = await identities.load(EXAMPLE)
    expect(before.returnPathHost).toBe(OWN.hostname)
    const checks = { ...NOTHING_SEEN, returnPathMx: true, returnPathSpf: true }
    await recordSeen(directory, EXAMPLE, { checks, at: 1, verifiedAt: null })
    identities.forget(EXAMPLE)
    const after = await identities.load(EXAMPLE)
    expect(after.returnPathHost).toBe('bounce.example.com')
    expect(after).not.toBe(before)
  })

  test('what was being read while it changed is not kept', async () => {
    const { identities } = await house()
    const early = identities.load(EXAMPLE)
    identities.forget(EXAMPLE)
    await early
    expect(identities.peek(EXAMPLE)).toBeNull()
  })

  test('a domain that nobody added has no keys', async () => {
    const { identities } = await house()
    expect(await identities.load(domain('example.org'))).toMatchObject({
      keys: [],
      returnPathHost: OWN.hostname,
    })
  })
})
