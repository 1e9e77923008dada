import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adviceFor, REASONS } from '../../../src/mail/bounces/remedy.ts'
import { readReturnedMail } from '../../../src/mail/bounces/returned.ts'
import {
  answersOf,
  compare,
  notBounces,
  OUR_NAME,
  specimens,
  withLineEnds,
} from '../../support/bounce-corpus.ts'

const ALL = specimens()

const share = (right: number, of: number): number => right / of

test('hard and soft agree with the labels for at least 98.5 %, reasons for at least 96.5 %', () => {
  const compared = ALL.flatMap(compare)
  expect(compared.length).toBe(310)
  const hard = compared.filter(({ expected, got }) => expected.hard === got.hard && got.reason !== 'nothing')
  const reason = compared.filter(({ expected, got }) => expected.reason === got.reason)
  expect(share(hard.length, compared.length)).toBeGreaterThanOrEqual(0.985)
  expect(share(reason.length, compared.length)).toBeGreaterThanOrEqual(0.965)
})

test('every recipient is counted, none twice', () => {
  const counted = ALL.map(({ name, bytes }) => [name, answersOf(readReturnedMail(bytes)).length])
  expect(counted).toEqual(ALL.map(({ name, labels }) => [name, labels.length]))
})

test('nobody whose address is usable is called hard for a policy or a reputation', () => {
  const wrong = ALL.flatMap(compare).filter(({ expected, got }) => got.hard && !expected.hard)
  expect(wrong).toEqual([])
})

test('LF, CR and CRLF give the same answer', () => {
  for (const { name, bytes } of ALL) {
    const [lf, cr, crlf] = (['\n', '\r', '\r\n'] as const).map((end) =>
      readReturnedMail(withLineEnds(bytes, end)),
    )
    expect([name, cr]).toEqual([name, lf])
    expect([name, crlf]).toEqual([name, lf])
  }
})

test('mail that is no bounce yields none', () => {
  expect(notBounces().length).toBeGreaterThanOrEqual(3)
  for (const { name, bytes } of notBounces())
    expect([name, readReturnedMail(bytes).kind]).toEqual([name, 'other'])
})

test('the original is found by its Message-ID in nearly every bounce that carries one', () => {
  const bounces = ALL.map(({ name, bytes }) => ({ name, bytes, mail: readReturnedMail(bytes) })).flatMap(
    (one) => (one.mail.kind === 'bounce' ? [{ ...one, original: one.mail.original }] : []),
  )
  const carrying = bounces.filter(({ bytes }) => messageIds(bytes) >= 2)
  const found = carrying.filter(({ original }) => original?.messageId)
  expect(share(found.length, carrying.length)).toBeGreaterThanOrEqual(0.95)
})

/** The report has one of its own; a second one is the original's. */
const messageIds = (bytes: Uint8Array): number =>
  Buffer.from(bytes)
    .toString('latin1')
    .match(/^[ \t]*message-id:/gim)?.length ?? 0

test('docs/bounces.md has every reason with its blame, and the names of the labels', () => {
  const page = readFileSync(join(import.meta.dir, '..', '..', '..', 'docs', 'bounces.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `(\w+)` \|[^|]*\|([^|]*)\| ([a-z-]+) \|/gm)]
  expect(rows.map(([, reason = '', hard = '', blame]) => [reason, hard.trim(), blame])).toEqual(
    REASONS.map((reason) => [reason, HARD.has(reason) ? 'yes' : '', adviceFor(reason, null).blame]),
  )
  for (const [label, ours] of Object.entries(OUR_NAME)) expect(page).toContain(`| ${label} | \`${ours}\` |`)
})

const HARD: ReadonlySet<string> = new Set([
  'mailbox_unknown',
  'mailbox_moved',
  'domain_unknown',
  'domain_refuses_mail',
])
