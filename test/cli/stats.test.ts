//
// mailwok stats, from its options to what a node finds in its store.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { addStatsCommands } from '../../cli/commands/stats.ts'
import { statsActions } from '../../src/admin/stats.ts'
import type { StatsShowAsk } from '../../src/admin/stats-rows.ts'
import { idsFor } from '../../src/core/ids.ts'
import { DAY } from '../../src/core/time.ts'
import { Accounts } from '../../src/services/accounts/accounts.ts'
import { PlanBook } from '../../src/services/accounts/plans.ts'
import { Stats } from '../../src/services/stats/stats.ts'
import { LOG_START, type LogCursor } from '../../src/store/log-store.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { ACCOUNT, NOW, storeOptions } from '../store/contract/samples.ts'
import { handClock } from '../support/clock.ts'

const folder = mkdtempSync(join(tmpdir(), 'mailwok-cli-stats-'))
let store: Store
beforeAll(async () => {
  store = await openStore(`sqlite:${join(folder, 'a.db')}`, storeOptions())
  await store.directory.addAccount({ id: ACCOUNT, name: 'shop', plan: 'unlimited', createdAt: NOW })
  const at = NOW - (NOW % DAY)
  const count = {
    accountId: ACCOUNT,
    dimension: 'all',
    name: '',
    span: 'day',
    at,
    metric: 'sent',
    count: 7,
  } as const
  await store.stats.add([count], { follower: 'stats', from: LOG_START, to: '1' as LogCursor })
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const clock = handClock(NOW)
const actionsOn = () => {
  const ids = idsFor('a', () => NOW)
  const accounts = new Accounts({
    directory: store.directory,
    clock,
    ids,
    plans: new PlanBook(),
    onChanged: () => undefined,
  })
  return statsActions({ accounts, stats: new Stats({ store: store.stats, log: store.log, clock }), clock })
}

async function askedBy(...words: readonly string[]): Promise<StatsShowAsk> {
  const program = new Command('mailwok')
  let asked: StatsShowAsk | null = null
  await new Promise<void>((heard) => {
    addStatsCommands(program, (_, work) =>
      work({
        statsShow: (ask) => {
          asked = ask
          heard()
          // Never answered: what is printed is the matter of stats-tables.
          return new Promise(() => undefined)
        },
      }),
    )
    void program.parseAsync(['stats', ...words], { from: 'user' })
  })
  if (asked === null) throw new Error('nothing was asked')
  return asked
}

const NONE = { from: null, to: null, by: null, dimension: null, name: null, limit: null } as const

test('options become words', async () => {
  expect(await askedBy()).toEqual({ ...NONE, account: 'default' })
  expect(
    await askedBy(
      '--account',
      'shop',
      '--from',
      'a',
      '--to',
      'b',
      '--by',
      'hour',
      '--dimension',
      'tag',
      '--name',
      'x',
    ),
  ).toEqual({ account: 'shop', from: 'a', to: 'b', by: 'hour', dimension: 'tag', name: 'x', limit: null })
  expect(await askedBy('--limit', '5')).toEqual({ ...NONE, account: 'default', limit: '5' })
})

test('an account is found by its name; notices have one of their own', async () => {
  const { statsShow } = actionsOn()
  expect(await statsShow({ ...NONE, account: 'shop' })).toMatchObject({
    ok: true,
    value: { totals: { sent: 7 } },
  })
  expect(await statsShow({ ...NONE, account: 'acc_system' })).toMatchObject({
    ok: true,
    value: { totals: { sent: 0 } },
  })
  expect(await statsShow({ ...NONE, account: 'nobody' })).toMatchObject({
    ok: false,
    error: { code: 'not_found' },
  })
})

test('what cannot be meant names its option', async () => {
  expect(await actionsOn().statsShow({ ...NONE, account: 'shop', by: 'week' })).toEqual({
    ok: false,
    error: { code: 'validation_failed', message: '--by is neither hour nor day' },
  })
})
