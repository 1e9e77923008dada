//
// Owns: what both engines promise of sending domains, their keys, and whose turn it is to be looked at.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Account, SendingDomain, StoredDkimKey } from '../../../src/core/account.ts'
import { type AccountEvent, NO_MESSAGE } from '../../../src/core/event.ts'
import { DAY, MINUTE } from '../../../src/core/time.ts'
import type { DomainCare } from '../../../src/store/domain-store.ts'
import { LOG_START } from '../../../src/store/log-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { ACCOUNT, domainNamed, ids, NOW, type Open } from './samples.ts'

const account: Account = {
  id: ACCOUNT,
  name: 'default',
  plan: 'unlimited',
  createdAt: NOW,
  state: 'active',
  reason: '',
  since: 0,
  settings: {},
}
const domain: SendingDomain = {
  name: domainNamed('example.com'),
  accountId: ACCOUNT,
  createdAt: NOW,
  verifiedAt: null,
  checkedAt: null,
  checks: {
    dkimRsa: false,
    dkimEd25519: false,
    returnPathMx: false,
    returnPathSpf: false,
    dmarc: false,
    tracking: false,
  },
  tracking: { opens: true, clicks: true },
  trackingHost: null,
  dkimRotation: true,
  rotationWanted: false,
}
const key = (selector: string, state: StoredDkimKey['state']): StoredDkimKey => ({
  domain: domain.name,
  selector,
  algorithm: 'rsa-sha256',
  publicKey: 'MIIB',
  sealedPrivateKey: Buffer.from([0, 255]),
  createdAt: NOW,
  state,
  origin: 'made',
  activatedAt: state === 'active' ? NOW : null,
  retiredAt: null,
  seenSince: null,
  seenAt: null,
  seenLooks: 0,
})
const care: DomainCare = {
  lookAt: NOW + MINUTE,
  wrongSince: NOW,
  wrongLooks: 2,
  told: 'dkim x',
  findings: [
    {
      check: 'mx',
      state: 'warning',
      name: 'example.com',
      type: 'MX',
      found: ['0 .'],
      message: 'It says “no”.',
      fix: 'Ask.',
      required: false,
    },
  ],
}

export function domainsContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
    await store.directory.addAccount(account)
    await store.directory.addDomain(domain, [key('mw1r', 'active'), key('mw2r', 'next')])
  })
  afterEach(() => store.close())

  const states = async () =>
    (await store.directory.dkimKeys(domain.name)).map(({ selector, state }) => `${selector} ${state}`)
  const event = (): AccountEvent => ({
    id: ids.event(),
    accountId: ACCOUNT,
    messageId: NO_MESSAGE,
    recipient: null,
    type: 'domain.dkim_rotated',
    subject: domain.name,
    at: NOW,
    details: { domain: domain.name, words: 'ü' },
  })
  const change = { domain: domain.name, at: NOW + 5, activate: [], add: [], remove: [], events: [] }

  describe('sending domains', () => {
    test('keys take turns in one commit with their event', async () => {
      const told = event()
      const done = await store.directory.changeKeys({
        ...change,
        activate: [{ selector: 'mw2r', algorithm: 'rsa-sha256' }],
        add: [key('mw3r', 'next')],
        events: [told],
      })
      expect(done.ok).toBe(true)
      expect(await states()).toEqual(['mw1r retired', 'mw2r active', 'mw3r next'])
      const [before, active] = await store.directory.dkimKeys(domain.name)
      expect([before?.retiredAt, active?.activatedAt]).toEqual([NOW + 5, NOW + 5])
      expect((await store.log.read(LOG_START, 10)).map((entry) => entry.event)).toEqual([told])
      const ask = { account: ACCOUNT, order: 'asc', after: null, limit: 10, messageId: null } as const
      const page = await store.events.page({ ...ask, types: [], recipient: null, since: null, until: null })
      expect(page.entries.map((entry) => entry.event)).toEqual([told])
      // Followers of mail pass over it.
      const picked = await store.log.pick(LOG_START, 10, { types: ['email.delivered'] })
      expect([picked.entries, picked.looked]).toEqual([[], 1])
    })

    test('a key that is there already refuses the whole change', async () => {
      const done = await store.directory.changeKeys({
        ...change,
        activate: [{ selector: 'mw2r', algorithm: 'rsa-sha256' }],
        add: [key('mw1r', 'next')],
        events: [event()],
      })
      expect(done).toEqual({ ok: false, error: 'exists' })
      expect(await states()).toEqual(['mw1r active', 'mw2r next'])
      expect(await store.log.read(LOG_START, 10)).toEqual([])
    })

    test('a key that is brought signs at once, and nothing that does not exist takes a turn', async () => {
      const activate = [{ selector: 's1', algorithm: 'rsa-sha256' }] as const
      await store.directory.changeKeys({ ...change, activate, bring: [key('s1', 'next')], remove: ['mw2r'] })
      expect(await states()).toEqual(['mw1r retired', 's1 active'])
    })

    test('a look is recorded whole', async () => {
      const checks = { ...domain.checks, dkimRsa: true }
      const sights = [{ selector: 'mw1r', seenSince: NOW, seenAt: NOW + 3, seenLooks: 7 }]
      const look = {
        name: domain.name,
        checks,
        at: NOW + 3,
        verifiedAt: NOW + 3,
        care,
        sights,
        events: [event()],
      }
      expect((await store.directory.recordLook(look)).ok).toBe(true)
      expect(await store.directory.care(domain.name)).toEqual(care)
      const [seen] = await store.directory.dkimKeys(domain.name)
      expect(seen).toMatchObject({ seenSince: NOW, seenAt: NOW + 3, seenLooks: 7 })
      expect(await store.directory.domain(domain.name)).toEqual({
        ...domain,
        checks,
        checkedAt: NOW + 3,
        verifiedAt: NOW + 3,
      })
      expect(await store.log.read(LOG_START, 10)).toHaveLength(1)
    })

    test('turns come by their time, and each is taken once', async () => {
      const second = { ...domain, name: domainNamed('example.net'), createdAt: NOW - 5 }
      await store.directory.addDomain(second, [])
      expect(await store.directory.dueLooks(NOW - 6, 9)).toEqual([])
      const due = await store.directory.dueLooks(NOW, 9)
      expect(due).toEqual([
        { name: second.name, lookAt: NOW - 5 },
        { name: domain.name, lookAt: NOW },
      ])
      expect(await store.directory.dueLooks(NOW, 1)).toHaveLength(1)
      const [first] = due
      if (!first) throw new Error('none is due')
      const takes = await Promise.all([1, 2, 3].map(() => store.directory.takeLook(first, NOW + MINUTE)))
      expect(takes.map((take) => take.ok && take.value).sort()).toEqual([false, false, true])
      expect(await store.directory.dueLooks(NOW, 9)).toEqual([{ name: domain.name, lookAt: NOW }])
      // A turn that a wrong clock has set a year ahead.
      await store.directory.takeLook({ name: domain.name, lookAt: NOW }, NOW + 365 * DAY)
      expect((await store.directory.dueLooks(NOW, 9)).map(({ name }) => name)).toEqual([domain.name])
    })

    test('hosts of links that have a name of their own are listed', async () => {
      expect(await store.directory.trackingHosts()).toEqual(new Map())
      const trackingHost = domainNamed('links.example.com')
      await store.directory.switchDomain(domain.name, { ...domain, trackingHost })
      expect(await store.directory.trackingHosts()).toEqual(new Map([[domain.name, trackingHost]]))
      await store.directory.removeDomain(domain.name, NOW)
      expect(await store.directory.trackingHosts()).toEqual(new Map())
    })

    test('one that was removed is nobody’s, keeps its keys for a while, and its name is free', async () => {
      expect(await store.directory.removeDomain(domain.name, NOW + 7)).toEqual({ ok: true, value: true })
      expect(await store.directory.removeDomain(domain.name, NOW + 8)).toEqual({ ok: true, value: false })
      expect(await store.directory.domain(domain.name)).toBeNull()
      // Bounces of what it has sent come back for days.
      expect(await store.directory.awaitsReturns(domain.name)).toBe(true)
      expect(await store.directory.domains(null)).toEqual([])
      expect(await store.directory.dueLooks(NOW + DAY, 9)).toEqual([])
      expect(await states()).toEqual(['mw1r active', 'mw2r next'])
      await store.directory.forgetDomains(NOW + 7)
      expect(await states()).toHaveLength(2)
      expect((await store.directory.addDomain(domain, [key('mw1r', 'next')])).ok).toBe(true)
      expect(await states()).toEqual(['mw1r next'])
      await store.directory.removeDomain(domain.name, NOW + 9)
      await store.directory.forgetDomains(NOW + 10)
      expect(await states()).toEqual([])
    })
  })
}
