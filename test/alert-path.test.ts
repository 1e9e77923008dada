import { expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { alertsOf } from '../src/alert-path.ts'
import type { Checkup } from '../src/core/diagnosis.ts'
import { HOUR, MINUTE } from '../src/core/time.ts'
import { type Foundation, openFoundation } from '../src/foundation.ts'
import { doorOf, noticesOf } from '../src/mail-path.ts'
import { ensureDeclared } from '../src/services/domains/declared.ts'
import type { Notices } from '../src/services/notices/notices.ts'
import { LOG_START } from '../src/store/log-store.ts'
import { startWeekly } from '../src/weekly-path.ts'
import { type HandClock, handClock } from './support/clock.ts'
import { freshFolder, LAB_START, readConfig, type Settings } from './support/lab-folder.ts'
import { until } from './support/until.ts'

const PUBLIC: Settings = {
  'server.hostname': 'mail.example.org',
  'server.operator': 'op@example.net',
  'delivery.mode': 'direct',
  'delivery.allow_private_destinations': 'false',
}

const checkup: Checkup = {
  at: LAB_START,
  took: 1,
  depth: 'full',
  diagnoses: [
    {
      check: 'egress',
      ailment: 'port_25_blocked',
      state: 'fail',
      subject: '192.0.2.1',
      why: 'Nobody answers.',
      fix: [],
      mendable: false,
    },
  ],
}

async function onNode(
  settings: Settings,
  then: (foundation: Foundation, notices: Notices, clock: HandClock) => Promise<void>,
): Promise<void> {
  const folder = await freshFolder()
  const config = readConfig(folder, settings)
  const clock = handClock(LAB_START)
  const foundation = await openFoundation(config, { clock, dice: () => 0.5 })
  try {
    await ensureDeclared(foundation, { keys: config.key, domains: config.domain })
    const waiting = {
      holder: foundation.holder,
      reserve: () => false,
      forgo: () => {},
      handOver: () => {},
      wake: () => {},
      estimate: () => '<1h',
    }
    const notices = noticesOf(foundation, doorOf(foundation, waiting))
    const hear = alertsOf(foundation, { notices })
    await hear(checkup)
    await hear(checkup)
    await then(foundation, notices, clock)
  } finally {
    await foundation.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const logOf = async ({ store }: Foundation) =>
  (await store.log.read(LOG_START, 100)).map(({ event }) => event)

test('the operator has a letter, and the first account an event', () =>
  onNode(PUBLIC, async (foundation) => {
    const log = await logOf(foundation)
    expect(log.map(({ recipient, type }) => [type, recipient as string | null])).toEqual([
      ['alert.raised', null],
      ['email.queued', 'op@example.net'],
    ])
    expect(log[0]?.accountId).toBe((await foundation.accounts.named('default'))?.id as never)
  }))

test('of a lab nobody hears', () =>
  onNode({ 'server.hostname': 'mail.lab.test', 'server.operator': 'op@example.net' }, async (foundation) => {
    expect((await logOf(foundation)).filter(({ type }) => type.startsWith('alert'))).toEqual([])
  }))

test('the report of the week is sent once, also by another start', () =>
  onNode({ ...PUBLIC, 'alerts.weekly_report': 'friday' }, async (foundation, notices, clock) => {
    const reports = async () =>
      (await logOf(foundation)).filter(({ recipient, type }) => type === 'email.queued' && recipient !== null)
        .length
    const before = await reports()
    for (let start = 0; start < 2; start += 1) {
      const stop = startWeekly(foundation, { notices }, { last: checkup })
      clock.advance(20 * MINUTE)
      await stop()
    }
    expect(await reports()).toBe(before)
    clock.advance(7 * HOUR)
    for (let start = 0; start < 2; start += 1) {
      const stop = startWeekly(foundation, { notices }, { last: checkup })
      clock.advance(20 * MINUTE)
      await stop()
    }
    await until('the report is in the queue', async () => (await reports()) > before)
    expect(await reports()).toBe(before + 1)
  }))
