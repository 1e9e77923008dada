//
// The heartbeat against a real store that is away for a while.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SECOND } from '../../../src/core/time.ts'
import { LEASE, Lease } from '../../../src/services/queue/lease.ts'
import { openStore } from '../../../src/store/open.ts'
import type { Store } from '../../../src/store/store.ts'
import { NOW, storeOptions } from '../../store/contract/samples.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { until } from '../../support/until.ts'

let folder: string
let store: Store
let clock: HandClock
let away: boolean
let beats: number
let regained: number
let lease: Lease

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailwok-lease-'))
  store = await openStore(`sqlite:${join(folder, 'queue.db')}`, storeOptions())
  clock = handClock(NOW)
  away = false
  beats = 0
  regained = 0
  lease = new Lease({
    store: {
      heartbeat: async (...beat) => {
        beats += 1
        if (away) throw new Error('the store is away')
        return store.queue.heartbeat(...beat)
      },
    },
    holder: { node: '0', boot: 'req_1' },
    clock,
    log: storeOptions().log,
    onFreed: () => undefined,
    onLapsed: () => undefined,
    onRegained: () => {
      regained += 1
    },
  })
  await lease.start()
})

afterEach(async () => {
  await lease.stop()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** One step of the clock, and what it set going. */
async function step(by: number, beatsThen: number): Promise<void> {
  clock.advance(by)
  await until(`${beatsThen} beats`, () => beats === beatsThen)
  await store.upkeep.probe()
}

test('a beat every twenty seconds keeps the lease', async () => {
  for (let beat = 2; beat < 8; beat++) {
    await step(20 * SECOND, beat)
    expect(lease.holds).toBe(true)
  }
})

test('a beat that could not be stored is made again within a second: a lapsed lease keeps nothing waiting for long', async () => {
  away = true
  await step(LEASE + SECOND, 2)
  expect(lease.holds).toBe(false)
  await step(SECOND, 3)
  away = false
  await step(SECOND, 4)
  await until('sending goes on', () => regained === 1)
  expect(lease.holds).toBe(true)
  // And then at its usual pace.
  await step(20 * SECOND, 5)
})
