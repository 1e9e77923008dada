import { describe, expect, test } from 'bun:test'
import {
  endpointsOf,
  reportFile,
  reportId,
  reportJson,
  reportSubject,
} from '../../../src/services/reports/tls-report.ts'
import type { TlsTally } from '../../../src/store/tls-store.ts'

const DAY = Date.UTC(2026, 0, 2) / 86_400_000
const HEAD = { organization: 'mail.lab.test', contact: 'ops@lab.test', day: DAY, domain: 'example.net' }
const STS = { type: 'sts', strings: ['version: STSv1', 'mode: testing'], mxHosts: ['*.example.net'] } as const
const NONE = { type: 'no-policy-found', strings: [], mxHosts: [] } as const

const tallyOf = (over: Partial<TlsTally> = {}): TlsTally => ({
  day: DAY,
  domain: 'example.net',
  policy: STS,
  resultType: null,
  mx: 'mx1.example.net',
  address: '192.0.2.1',
  source: '198.51.100.1',
  detail: '',
  count: 1,
  ...over,
})

test('a report as RFC 8460 §4.4 wants it', () => {
  const expired = { resultType: 'certificate-expired' as const, detail: 'until yesterday' }
  const report = reportJson(HEAD, [
    tallyOf({ count: 5 }),
    tallyOf({ address: '192.0.2.2', count: 2 }),
    tallyOf({ ...expired, count: 3 }),
    tallyOf({ resultType: 'sts-policy-fetch-error', mx: '', address: '', source: '' }),
    tallyOf({ policy: NONE, count: 7 }),
  ])
  expect(JSON.parse(report)).toEqual({
    'organization-name': 'mail.lab.test',
    'date-range': { 'start-datetime': '2026-01-02T00:00:00Z', 'end-datetime': '2026-01-02T23:59:59Z' },
    'contact-info': 'ops@lab.test',
    'report-id': '2026-01-02.example.net@mail.lab.test',
    policies: [
      {
        policy: {
          'policy-type': 'sts',
          'policy-string': ['version: STSv1', 'mode: testing'],
          'policy-domain': 'example.net',
          'mx-host': ['*.example.net'],
        },
        summary: { 'total-successful-session-count': 7, 'total-failure-session-count': 4 },
        'failure-details': [
          {
            'result-type': 'certificate-expired',
            'sending-mta-ip': '198.51.100.1',
            'receiving-mx-hostname': 'mx1.example.net',
            'receiving-ip': '192.0.2.1',
            'failed-session-count': 3,
            'failure-reason-code': 'until yesterday',
          },
          { 'result-type': 'sts-policy-fetch-error', 'failed-session-count': 1 },
        ],
      },
      {
        policy: { 'policy-type': 'no-policy-found', 'policy-domain': 'example.net' },
        summary: { 'total-successful-session-count': 7, 'total-failure-session-count': 0 },
      },
    ],
  })
})

test('names by which it is known', () => {
  expect(reportFile(HEAD)).toBe('mail.lab.test!example.net!1767312000!1767398399.json.gz')
  expect(reportId(HEAD)).toBe('2026-01-02.example.net@mail.lab.test')
  expect(reportSubject(HEAD)).toBe(
    'Report Domain: example.net Submitter: mail.lab.test Report-ID: <2026-01-02.example.net@mail.lab.test>',
  )
})

describe('where reports are wanted', () => {
  const mail = (to: string) => ({ kind: 'mail', to })
  test.each<[readonly string[], readonly unknown[]]>([
    [['v=TLSRPTv1; rua=mailto:tls@example.net'], [mail('tls@example.net')]],
    [['v=TLSRPTv1;rua=mailto:tls@EXAMPLE.net;'], [mail('tls@example.net')]],
    [['v=spf1 -all', 'v=TLSRPTv1; rua=mailto:a@example.net'], [mail('a@example.net')]],
    [
      ['v=TLSRPTv1; rua=mailto:a@example.net , https://reports.test/v1?x=y'],
      [mail('a@example.net'), { kind: 'https', url: 'https://reports.test/v1?x=y' }],
    ],
    [['v=TLSRPTv1; rua=mailto:a%2Cb%21@example.net'], []],
    [['v=TLSRPTv1; rua=mailto:a%21b@example.net'], [mail('a!b@example.net')]],
    [['v=TLSRPTv1; rua=mailto:50%@example.net'], [mail('50%@example.net')]],
    [['v=TLSRPTv1; rua=http://reports.test/,ftp://x.test/,mailto:nobody'], []],
    [['v=TLSRPTv1; x=y'], []],
    [['v=TLSRPTv1'], []],
    [['v=TLSRPTv2; rua=mailto:a@example.net'], []],
    [['v=TLSRPTv1; rua=mailto:a@example.net', 'v=TLSRPTv1; rua=mailto:b@example.net'], []],
    [[], []],
  ])('%p', (texts, want) => {
    expect(endpointsOf(texts)).toEqual(want as never)
  })

  test('not at more than four places', () => {
    const rua = Array.from({ length: 9 }, (_, n) => `mailto:a${n}@example.net`).join()
    expect(endpointsOf([`v=TLSRPTv1; rua=${rua}`])).toHaveLength(4)
  })
})
