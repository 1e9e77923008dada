import { afterEach, beforeEach, expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { AILMENTS, type Ailment, type CheckState, type Diagnosis } from '../../../src/core/diagnosis.ts'
import type { AccountEvent } from '../../../src/core/event.ts'
import type { AccountId } from '../../../src/core/ids.ts'
import { fault, ok } from '../../../src/core/result.ts'
import { DAY, HOUR } from '../../../src/core/time.ts'
import { type Foundation, openFoundation } from '../../../src/foundation.ts'
import { AlertDesk } from '../../../src/services/alerts/desk.ts'
import type { AlertLetter } from '../../../src/services/alerts/letters.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { freshFolder, LAB_START, readConfig } from '../../support/lab-folder.ts'

let folder: string
let foundation: Foundation
let clock: HandClock
let letters: AlertLetter[]
let events: AccountEvent[]
let mailWorks: boolean

beforeEach(async () => {
  folder = await freshFolder()
  clock = handClock(LAB_START)
  foundation = await openFoundation(readConfig(folder, {}), { clock, dice: () => 0.5 })
  letters = []
  events = []
  mailWorks = true
})

afterEach(async () => {
  await foundation.close()
  rmSync(folder, { recursive: true, force: true })
})

/** As each start makes it: what was told is in the store alone. */
const desk = (node = 'a', toldElsewhere: readonly Ailment[] = []): AlertDesk =>
  new AlertDesk({
    store: foundation.store.alerts,
    clock,
    ids: foundation.ids,
    log: foundation.log,
    node,
    account: async () => 'acc_000000000001' as AccountId,
    toldElsewhere: new Set(toldElsewhere),
    onEvent: (event) => void events.push(event),
    send: async (letter) => {
      if (!mailWorks) return fault('the store is full')
      letters.push(letter)
      return ok(undefined)
    },
  })

const found = (ailment: Ailment, state: CheckState = 'fail', subject = 'here'): Diagnosis => ({
  check: AILMENTS[ailment],
  ailment: state === 'ok' ? null : ailment,
  state,
  subject,
  why: `${ailment} is so.`,
  fix: ['df -h'],
  mendable: false,
})

const hear = (...diagnoses: readonly Diagnosis[]) => desk().hear({ diagnoses })
const subjects = () => letters.map(({ subject }) => subject)
const types = () => events.map(({ type }) => type)

test('one letter and one event, whoever starts again, and both once more when it is over', async () => {
  await hear(found('disk_low', 'warn'))
  await hear(found('disk_low', 'warn'))
  expect(subjects()).toEqual(['the disk runs low'])
  expect(letters[0]?.text).toContain('disk_low is so.\n\n    df -h\n')
  expect(events).toEqual([
    {
      id: expect.any(String),
      accountId: 'acc_000000000001' as AccountId,
      messageId: '',
      recipient: null,
      type: 'alert.raised',
      subject: 'here',
      at: LAB_START,
      details: {
        kind: 'disk',
        ailment: 'disk_low',
        about: 'here',
        node: 'a',
        why: 'disk_low is so.',
        since: '2026-01-02T00:00:00.000Z',
      },
    } as unknown as AccountEvent,
  ])
  await hear(found('disk_low', 'ok'))
  await hear(found('disk_low', 'ok'))
  expect(subjects()).toEqual(['the disk runs low', 'over: the disk runs low'])
  expect(types()).toEqual(['alert.raised', 'alert.cleared'])
})

test('what comes and goes is one letter a day, and an event each time', async () => {
  for (let hour = 0; hour < 10; hour += 1) {
    await hear(found('port_25_blocked', hour % 2 === 0 ? 'fail' : 'ok'))
    clock.advance(HOUR)
  }
  await hear(found('port_25_blocked'))
  expect(subjects()).toEqual(['port 25 is closed', 'over: port 25 is closed'])
  expect(types()).toHaveLength(11)
  clock.advance(DAY)
  await hear(found('port_25_blocked'))
  expect(subjects()).toEqual(['port 25 is closed', 'over: port 25 is closed', 'port 25 is closed'])
  expect(new Set(letters.map(({ key }) => key)).size).toBe(3)
})

test('what nobody looked at, or could tell, is not over', async () => {
  await hear(found('dnsbl_listed', 'warn', '192.0.2.1'))
  await hear(found('disk_low', 'ok'))
  await hear(found('dnsbl_unchecked', 'unknown', '192.0.2.1'), found('dnsbl_listed', 'ok', '192.0.2.2'))
  await hear(found('dnsbl_unchecked', 'unknown', 'blocklist'))
  expect(types()).toEqual(['alert.raised'])
  await hear(found('dnsbl_listed', 'ok', '192.0.2.1'))
  expect(types()).toEqual(['alert.raised', 'alert.cleared'])
})

test('many at once are one letter', async () => {
  const many = (state: CheckState) =>
    (['disk_full', 'queue_stopped', 'port_25_blocked', 'backup_old'] as const).map((one) => found(one, state))
  await hear(...many('fail'))
  expect(subjects()).toEqual(['4 things are wrong'])
  await hear(...many('ok'))
  expect(subjects()).toEqual(['4 things are wrong', 'over: 4 things that were wrong'])
  expect(types()).toHaveLength(8)
})

test('a letter that could not be sent is sent by the next look', async () => {
  mailWorks = false
  await hear(found('certificate_expired'))
  expect(letters).toBeEmpty()
  mailWorks = true
  await hear(found('certificate_expired'))
  await hear(found('certificate_expired'))
  expect(subjects()).toEqual(['a certificate has ended'])
})

test('whoever was not told that it began does not hear that it is over', async () => {
  mailWorks = false
  await hear(found('queue_old', 'warn'))
  mailWorks = true
  await hear(found('queue_old', 'ok'))
  expect(letters).toBeEmpty()
  expect(types()).toEqual(['alert.raised', 'alert.cleared'])
})

test('what another writes of has a letter from here only when it is over', async () => {
  const told = desk('a', ['backup_failed'])
  await told.hear({ diagnoses: [found('backup_failed')] })
  expect(letters).toBeEmpty()
  await told.hear({ diagnoses: [found('backup_failed', 'ok')] })
  expect(subjects()).toEqual(['over: a backup failed'])
})

test('nodes: each has its own disk, and the queue is of all', async () => {
  await desk('a').hear({ diagnoses: [found('disk_low'), found('queue_old')] })
  await desk('b').hear({ diagnoses: [found('disk_low'), found('queue_old')] })
  expect(subjects().toSorted()).toEqual(['mail is overdue', 'the disk runs low', 'the disk runs low'])
  await desk('b').hear({ diagnoses: [found('disk_low', 'ok')] })
  expect(
    (await foundation.store.alerts.all())
      .filter(({ isOpen }) => isOpen)
      .map(({ node }) => node)
      .toSorted(),
  ).toEqual(['', 'a'])
})

test('what the doctor finds and nobody must hear of at night stays where it was', async () => {
  await hear(found('record_missing'), found('operator_missing', 'warn'), found('disk_low', 'unknown'))
  expect(letters).toBeEmpty()
  expect(events).toBeEmpty()
})
