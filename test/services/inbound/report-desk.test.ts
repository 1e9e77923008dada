import { expect, test } from 'bun:test'
import { type AccountId, idsFor } from '../../../src/core/ids.ts'
import type { LogFields } from '../../../src/core/ports.ts'
import { ok } from '../../../src/core/result.ts'
import { readDmarcReport } from '../../../src/mail/reports/dmarc.ts'
import { letterboxOf } from '../../../src/services/inbound/letterbox.ts'
import { ReportDesk } from '../../../src/services/inbound/report-desk.ts'
import { digestOf } from '../../../src/services/inbound/report-digest.ts'
import { directoryOf } from '../../../src/store/directory/directory.ts'
import { inboundOn } from '../../../src/store/directory/inbound.ts'
import { noMeter, quietLog } from '../../edge/smtpd/agent.ts'
import { handClock } from '../../support/clock.ts'
import { memoryExecutor } from '../../support/directory.ts'
import { type DmarcSample, dmarcXml } from '../../support/reports.ts'

const NOTHING = {
  tracking: { opens: true, clicks: true },
  verifiedAt: null,
  checkedAt: null,
  createdAt: 0,
  trackingHost: null,
  dkimRotation: true,
  rotationWanted: false,
}
const CHECKS = {
  dkimRsa: false,
  dkimEd25519: false,
  returnPathMx: false,
  returnPathSpf: false,
  dmarc: false,
  tracking: false,
}

/** A desk that is handed this report, whatever the letter says; the domain news.example.com is ours. */
async function handed(sample: DmarcSample) {
  const { executor } = memoryExecutor()
  const directory = directoryOf('sqlite', executor)
  const accountId = 'acc_000000000001' as AccountId
  await directory.addAccount({ id: accountId, name: 'a', plan: 'unlimited', createdAt: 0 })
  const name = 'news.example.com' as Parameters<typeof directory.domain>[0]
  await directory.addDomain({ ...NOTHING, name, accountId, checks: CHECKS }, [])
  const warned: (LogFields | undefined)[] = []
  const clock = handClock(0)
  const read = readDmarcReport(Buffer.from(dmarcXml(sample)))
  if (!read.ok) throw new Error(read.error)
  const desk = new ReportDesk({
    reader: { reports: async (_, own) => ok([digestOf(read.value, own)]) },
    store: inboundOn('sqlite', executor),
    directory,
    hostname: 'mail.example.net',
    ownAddresses: new Set(['192.0.2.7']),
    clock,
    ids: idsFor('0', () => clock.now()),
    log: { ...quietLog, warn: (_, fields) => void warned.push(fields) },
    meter: noMeter,
  })
  const letter = letterboxOf({
    reversePath: null,
    recipients: new Map(),
    bytes: Buffer.alloc(0),
    received: '',
    address: '',
    neighbourhood: '',
  })
  return { first: await desk.take(letter), again: await desk.take(letter), warned }
}

test('mail from our own address that failed both ways is a warning, once per report', async () => {
  const { first, again, warned } = await handed({ dkim: 'fail', spf: 'fail' })
  expect([first, again]).toEqual([
    { kind: 'taken', as: 'report' },
    { kind: 'taken', as: 'known' },
  ])
  expect(warned).toHaveLength(1)
  expect(warned[0]).toMatchObject({ source: '192.0.2.7', count: 42, domain: 'example.com' })
})

test.each<[string, DmarcSample]>([
  ['that passed by one way', { dkim: 'fail', spf: 'pass' }],
  ['of somebody else', { dkim: 'fail', spf: 'fail', source: '198.51.100.1' }],
])('mail %s is none', async (_, sample) => {
  expect((await handed(sample)).warned).toEqual([])
})

test.each([
  ['example.com', 'taken'],
  ['news.example.com', 'taken'],
  ['deep.news.example.com', 'taken'],
  ['mail.example.net', 'taken'],
  ['example.net', 'taken'],
  ['other.example.com', 'refused'],
  ['stranger.example', 'refused'],
  ['not a domain', 'refused'],
])('a report about %s is %s', async (domain, want) => {
  expect((await handed({ domain })).first.kind).toBe(want as never)
})
