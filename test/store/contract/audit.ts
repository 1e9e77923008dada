//
// Owns: what both engines promise of the audit log: it keeps what it was given, tells it by page, and forgets by age alone.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { AuditRecord } from '../../../src/core/audit.ts'
import { type AccountId, idsFor } from '../../../src/core/ids.ts'
import type { AuditAsk } from '../../../src/store/audit-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { ACCOUNT, NOW, type Open } from './samples.ts'

const OTHER = 'acc_000000000009' as AccountId
const ALL: AuditAsk = {
  account: ACCOUNT,
  limit: 100,
  after: null,
  before: null,
  actor: null,
  action: null,
  subject: null,
  since: null,
  until: null,
}

export function auditContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())

  let at = NOW
  const ids = idsFor('0', () => at)
  const record = (fields: Partial<AuditRecord> = {}): AuditRecord => {
    at += 1000
    return {
      id: ids.audit(),
      accountId: ACCOUNT,
      actor: 'key_000000000001',
      action: 'POST /v1/webhooks',
      subject: 'whk_1',
      details: { name: 'Schlüssel', fields: ['url'] },
      at,
      ...fields,
    }
  }

  test('what was added is told, the newest first, to its account', async () => {
    const rows = [
      record(),
      record({ accountId: OTHER }),
      record({ accountId: null, actor: 'cli:0' }),
      record(),
    ]
    expect(await store.audit.add(rows)).toEqual({ ok: true, value: undefined })
    expect(await store.audit.page(ALL)).toEqual([rows[3], rows[0]] as AuditRecord[])
    expect(await store.audit.page({ ...ALL, account: null })).toEqual(rows.toReversed())
    // The same again, changed: the first stays.
    expect((await store.audit.add([{ ...(rows[0] as AuditRecord), actor: 'usr_x' }])).ok).toBe(true)
    expect((await store.audit.page(ALL))[1]?.actor).toBe('key_000000000001')
  })

  test('pages go on where the last one ended, in both directions', async () => {
    const rows = [record(), record(), record(), record()]
    await store.audit.add(rows)
    const [first, second, third, fourth] = rows.map(({ id }) => id)
    const idsOf = async (ask: Partial<AuditAsk>) =>
      (await store.audit.page({ ...ALL, limit: 2, ...ask })).map(({ id }) => id)
    expect(await idsOf({})).toEqual([fourth, third] as string[])
    expect(await idsOf({ after: third as string })).toEqual([second, first] as string[])
    expect(await idsOf({ before: first as string })).toEqual([third, second] as string[])
    expect(await idsOf({ after: first as string })).toEqual([])
  })

  test('it is asked by actor, act, subject and time', async () => {
    const rows = [
      record({ actor: 'usr_1' }),
      record({ action: 'login' }),
      record({ subject: "x' or 1=1" }),
      record(),
    ]
    await store.audit.add(rows)
    const found = async (ask: Partial<AuditAsk>) =>
      (await store.audit.page({ ...ALL, ...ask })).map(({ id }) => rows.findIndex((row) => row.id === id))
    expect(await found({ actor: 'usr_1' })).toEqual([0])
    expect(await found({ action: 'login' })).toEqual([1])
    expect(await found({ subject: "x' or 1=1" })).toEqual([2])
    expect(await found({ since: rows[2]?.at ?? 0 })).toEqual([3, 2])
    expect(await found({ until: rows[2]?.at ?? 0 })).toEqual([1, 0])
  })

  test('it forgets what is older, more than one commit of it', async () => {
    const rows = Array.from({ length: 1200 }, () => record())
    await store.audit.add(rows)
    expect(await store.audit.forget(rows[1100]?.at ?? 0)).toBe(1100)
    expect((await store.audit.page({ ...ALL, limit: 1000 })).length).toBe(100)
  })
}
