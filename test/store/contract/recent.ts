// Owns: what both engines promise of looking through recent mail.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { type Ids, idsFor } from '../../../src/core/ids.ts'
import type { RecentAsk } from '../../../src/store/recent-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { acceptanceOf, NOW, type Open } from './samples.ts'

export function recentContract(open: Open): void {
  let store: Store
  let now = NOW
  const own: Ids = idsFor('r', () => now)

  beforeEach(async () => {
    store = await open()
    now = NOW
  })
  afterEach(() => store.close())

  const accept = async (to: readonly string[], state: 'queued' | 'held' | 'suppressed' = 'queued') => {
    now += 1000
    const acceptance = acceptanceOf({ to, state, message: { id: own.message() } })
    expect((await store.queue.accept(acceptance)).ok).toBe(true)
    return acceptance.message.id
  }
  const found = async (ask: Partial<RecentAsk>) => {
    const page = await store.messages.recent({ recipient: null, state: null, limit: 100, ...ask })
    return { ids: page.found.map(({ id }) => String(id)), to: page.lookedTo as string | null }
  }

  test('the newest stand first; recipient and state choose, in any case', async () => {
    const [first, second, third] = [
      await accept(['Ann@one.example', 'bob@two.example']),
      await accept(['ann@one.example'], 'held'),
      await accept(['cyd@one.example'], 'suppressed'),
    ]
    expect(await found({})).toEqual({
      ids: [`${third}.0`, `${second}.0`, `${first}.1`, `${first}.0`],
      to: null,
    })
    expect(await found({ recipient: 'ANN@one.example' })).toEqual({
      ids: [`${second}.0`, `${first}.0`],
      to: null,
    })
    expect(await found({ state: 'suppressed' })).toEqual({ ids: [`${third}.0`], to: null })
    expect(await found({ recipient: 'ann@one.example', state: 'queued' })).toEqual({
      ids: [`${first}.0`],
      to: null,
    })
    expect(await found({ recipient: 'nn@one.example' })).toEqual({ ids: [], to: null })
  })

  test('a limit ends it, and it says how far it looked', async () => {
    const first = await accept(['ann@one.example', 'bob@one.example'])
    const second = await accept(['ann@one.example'])
    expect(await found({ limit: 2 })).toEqual({ ids: [`${second}.0`, `${first}.1`], to: `${first}.1` })
  })

  test('it goes on behind the first slice', async () => {
    const first = await accept(['ann@one.example'])
    await accept(Array.from({ length: 2500 }, (_, at) => `a${at}@many.example`))
    expect(await found({ recipient: 'ann@one.example' })).toEqual({ ids: [`${first}.0`], to: null })
  })
}
