import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY, HOUR } from '../../../src/core/time.ts'
import { HOURS_KEPT } from '../../../src/services/stats/ask.ts'
import { forgetOldHours } from '../../../src/services/stats/forgetting.ts'
import { LOG_START, type LogCursor } from '../../../src/store/log-store.ts'
import { openStore } from '../../../src/store/open.ts'
import { ACCOUNT, NOW, storeOptions } from '../../store/contract/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'mailwok-stats-forget-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('hours that can be asked for stay, older ones go, of every name; who is told to stop stops', async () => {
  const store = await openStore(`sqlite:${join(folder, 'a.db')}`, storeOptions())
  const tag = (name: string, at: number) =>
    ({ accountId: ACCOUNT, dimension: 'tag', name, span: 'hour', at, metric: 'sent', count: 1 }) as const
  const oldest = NOW - HOURS_KEPT
  const counts = ['a', 'b', 'c'].flatMap((name) => [tag(name, oldest - HOUR), tag(name, oldest)])
  await store.stats.add(counts, { follower: 'stats', from: LOG_START, to: '1' as LogCursor })
  const hours = async (name: string) => {
    const range = { from: oldest - DAY, to: NOW }
    const found = await store.stats.series({
      account: ACCOUNT,
      dimension: 'tag',
      name,
      span: 'hour',
      ...range,
    })
    return found.map(({ at }) => at)
  }
  expect(await forgetOldHours(store.stats, NOW, AbortSignal.abort())).toEqual({ ok: true, value: 0 })
  expect(await hours('a')).toHaveLength(2)
  expect(await forgetOldHours(store.stats, NOW, new AbortController().signal)).toEqual({ ok: true, value: 3 })
  expect([await hours('a'), await hours('b'), await hours('c')]).toEqual([[oldest], [oldest], [oldest]])
  await store.close()
})
