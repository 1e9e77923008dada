import { expect, test } from 'bun:test'
import type { Diagnosis } from '../../../src/core/diagnosis.ts'
import { DAY, HOUR } from '../../../src/core/time.ts'
import {
  isWeekly,
  type WeekFacts,
  type WeekRow,
  weekBefore,
  weeklyText,
} from '../../../src/services/alerts/weekly.ts'

/** A Monday. */
const MONDAY = Date.UTC(2026, 10, 23)
const NOW = MONDAY + 8 * HOUR

const row = (name: string, over: Partial<WeekRow> = {}): WeekRow => ({
  name,
  accepted: null,
  delivered: 0,
  bounced: 0,
  complained: 0,
  ...over,
})

const diagnosis = (over: Partial<Diagnosis>): Diagnosis => ({
  check: 'backup',
  ailment: null,
  state: 'ok',
  subject: '/backups',
  why: 'The newest is 5 hours old.',
  fix: [],
  mendable: false,
  ...over,
})

const facts = (over: Partial<WeekFacts> = {}): WeekFacts => ({
  hostname: 'mail.example.com',
  ...weekBefore(NOW),
  now: NOW,
  all: [
    row('all', { accepted: 1000, delivered: 950, bounced: 50, complained: 1 }),
    row('all', { accepted: 10, delivered: 10 }),
  ],
  providers: [
    row('google', { delivered: 400, bounced: 20 }),
    row('gmx', { delivered: 100 }),
    row('google', { delivered: 60, complained: 1 }),
  ],
  overview: { waiting: 7, held: 0, destinations: [] },
  diagnoses: [
    diagnosis({}),
    diagnosis({ check: 'certificate', subject: 'mail.example.com', why: 'It is valid for 60 days.' }),
    diagnosis({
      check: 'disk',
      ailment: 'disk_low',
      state: 'warn',
      subject: '/var/lib/mailwok',
      why: 'Little is left.',
    }),
  ],
  ...over,
})

test('one screen: accounts are added up, providers by their mail', () => {
  expect(weeklyText(facts()).split('\n')).toEqual([
    'mail.example.com, 2026-11-16 to 2026-11-22',
    '',
    '                       accepted  delivered           bounced          complained',
    'all                        1010        960        50 (5.0 %)          1 (0.10 %)',
    'google                                 460        20 (4.2 %)          1 (0.22 %)',
    'gmx                                    100                 0                   0',
    '',
    'queue:        7 wait; none is overdue.',
    'certificate:  It is valid for 60 days.',
    'backup:       The newest is 5 hours old.',
    '',
    'The doctor found:',
    '- warn: disk_low (/var/lib/mailwok): Little is left.',
    '',
    'mailwok stats and mailwok doctor have the details. alerts.weekly_report says on which day this comes, or "off".',
    '',
  ])
})

test('what has a line of its own is said once', () => {
  const old = diagnosis({ ailment: 'backup_old', state: 'warn', why: 'The newest is 9 days old.' })
  const text = weeklyText(facts({ diagnoses: [old] }))
  expect(text.split('9 days old')).toHaveLength(2)
  expect(text).toContain('backup:       The newest is 9 days old.')
  expect(text).toContain('The doctor found nothing else wrong.')
})

test('it stays one screen, whatever there is', () => {
  const providers = Array.from({ length: 50 }, (_, at) => row(`provider${at}`, { delivered: 50 - at }))
  const diagnoses = Array.from({ length: 50 }, (_, at) =>
    diagnosis({ check: 'domain', ailment: 'record_missing', state: 'fail', subject: `d${at}.example` }),
  )
  const text = weeklyText(facts({ providers, diagnoses }))
  expect(text.split('\n').length).toBeLessThan(32)
  expect(text).toContain('42 others')
  expect(text).toContain('- and 42 more')
})

test('what is overdue or held is said; before the first look nobody knows', () => {
  const destinations = [{ nextDueAt: NOW - 2 * HOUR }] as unknown as WeekFacts['overview']['destinations']
  const text = weeklyText(facts({ overview: { waiting: 3, held: 2, destinations }, diagnoses: null }))
  expect(text).toContain('3 wait, 2 held; the oldest has been due for 120 minutes.')
  expect(text).toContain('The doctor has not looked yet.')
})

test.each([
  [MONDAY + 7 * HOUR, 'monday', true],
  [MONDAY + DAY - 1, 'monday', true],
  [MONDAY + 7 * HOUR - 1, 'monday', false],
  [MONDAY + DAY + 8 * HOUR, 'monday', false],
  [MONDAY - DAY + 8 * HOUR, 'sunday', true],
] as const)('at %p its day, %s, is here: %p', (now, day, want) => {
  expect(isWeekly(now, day)).toBe(want)
})
