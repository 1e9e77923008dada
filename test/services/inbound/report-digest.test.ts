import { expect, test } from 'bun:test'
import type { DmarcReport, DmarcRow } from '../../../src/mail/reports/report.ts'
import { digestOf } from '../../../src/services/inbound/report-digest.ts'

const row = (changes: Partial<DmarcRow>): DmarcRow => ({
  source_ip: '192.0.2.7',
  count: 1,
  disposition: 'none',
  dkim: 'fail',
  spf: 'fail',
  header_from: 'example.com',
  envelope_from: '',
  reasons: [],
  dkim_results: [],
  spf_results: [],
  ...changes,
})

const report = (rows: readonly DmarcRow[]): DmarcReport => ({
  kind: 'dmarc',
  domain: 'example.com',
  organization: 'r',
  reportId: '1',
  beginAt: 0,
  endAt: 0,
  body: { contact: '', policy: {}, rows, truncated: false },
})

test('either way is enough to pass, and only our own failures are named', () => {
  const rows = [
    row({ count: 2 }),
    row({ count: 3, dkim: 'pass' }),
    row({ count: 4, spf: 'pass' }),
    row({ count: 5, source_ip: '198.51.100.1' }),
  ]
  const digest = digestOf(report(rows), new Set(['192.0.2.7']))
  expect([digest.passed, digest.failed]).toEqual([7, 7])
  expect(digest.ourFailures).toEqual([row({ count: 2 })])
  expect(JSON.parse(digest.json).rows).toHaveLength(4)
})

test('a report that fails row after row names a hundred of them', () => {
  const digest = digestOf(report(Array.from({ length: 5000 }, () => row({}))), new Set(['192.0.2.7']))
  expect(digest.ourFailures).toHaveLength(100)
  expect(digest.failed).toBe(5000)
})
