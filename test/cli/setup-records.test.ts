//
// Waiting for records: what is told, how often is looked, when it ends.

import { expect, test } from 'bun:test'
import { awaitRecords } from '../../cli/setup/records.ts'
import type { DnsRow } from '../../src/admin/domain-rows.ts'
import { fault, ok } from '../../src/core/result.ts'

const record = (name: string, state: string): DnsRow => ({
  ...{ type: 'TXT', name, relative_name: name, value: 'v', purpose: '', required: true },
  ...{ strings: ['v'], state, message: '', fix: '' },
})

/** One look after the other; the last one stays. */
async function waited(looks: readonly (readonly string[])[], patience: number) {
  const told: string[] = []
  let [time, look] = [0, 0]
  const names = ['a', 'b']
  const domainVerify = async ({ name }: { readonly name: string }) => {
    const states = looks[Math.min(look, looks.length - 1)] ?? []
    look += 1
    const records = names.map((it, at) => ({
      ...record(it, states[at] ?? 'missing'),
      seen: states[at] === 'ok',
    }))
    return ok({ name, verified: states.every((state) => state === 'ok'), records, checks: [] })
  }
  const done = await awaitRecords({ domainVerify }, 'example.com', {
    now: () => time,
    sleep: async (milliseconds) => {
      time += milliseconds
    },
    tell: ({ name, state }) => void told.push(`${name} ${state}`),
    patience,
  })
  return { verified: done.ok && done.value.verified, told, look, time }
}

test('each record is told once for each state it is in', async () => {
  const looks = [
    ['missing', 'missing'],
    ['ok', 'missing'],
    ['ok', 'missing'],
    ['ok', 'ok'],
  ]
  const { look, told, verified } = await waited(looks, 60_000)
  expect([verified, look]).toEqual([true, 4])
  expect(told).toEqual(['a missing', 'b missing', 'a ok', 'b ok'])
})

test('it looks ever more seldom, a last time when the time is over, and not longer', async () => {
  const { look, time, verified } = await waited([['missing', 'missing']], 60_000)
  expect([verified, time]).toEqual([false, 60_000])
  expect(look).toBeLessThan(12)
})

test('without patience there is one look', async () => {
  expect((await waited([['missing', 'ok']], 0)).look).toBe(1)
})

test('a fault of the node ends it', async () => {
  const lost = fault({ code: 'node_lost', message: 'it went away' })
  const waiting = { now: () => 0, sleep: async () => undefined, tell: () => undefined, patience: 1 }
  expect(await awaitRecords({ domainVerify: async () => lost }, 'example.com', waiting)).toEqual(lost)
})
