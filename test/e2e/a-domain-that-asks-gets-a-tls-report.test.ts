//
// RFC 8460: counted over the day, sent after it, as mail that is no obstacle to itself.

import { expect, test } from 'bun:test'
import { gunzipSync } from 'node:zlib'
import { simpleParser } from 'mailparser'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { handClock } from '../support/clock.ts'
import { policyText, startTlsLab } from '../support/tls-lab.ts'
import { until } from '../support/until.ts'

test('what went well and what did not, once, to where the domain wants it', async () => {
  await using house = await startTlsLab({ clock: handClock(Date.UTC(2026, 0, 2, 12)) })
  const { lab } = house
  house.announce(policyText('enforce'))
  lab.dns.set('_smtp._tls.example.net', { TXT: ['v=TLSRPTv1; rua=mailto:tls@example.net'] })
  await lab.ended(await lab.sent())
  await lab.advance(2 * MINUTE)

  lab.clock.jump(15 * HOUR)
  await lab.advance(11 * MINUTE)
  const isReport = (paths: readonly string[]): boolean => paths.includes('tls@example.net')
  await until('the report arrived', () => lab.mx.messages.some((one) => isReport(one.forwardPaths)))
  await lab.advance(6 * MINUTE)

  const reports = lab.mx.messages.filter((one) => isReport(one.forwardPaths))
  expect(reports).toHaveLength(1)
  expect(reports[0]?.reversePath).toBe('')
  const mail = await simpleParser(reports[0]?.bytes ?? '')
  expect(mail.subject).toBe(
    'Report Domain: example.net Submitter: mail.lab.test Report-ID: <2026-01-02.example.net@mail.lab.test>',
  )
  expect(String(mail.headers.get('tls-report-domain'))).toBe('example.net')
  expect(String(mail.headers.get('tls-required'))).toBe('No')
  expect(mail.headers.get('content-type')).toMatchObject({
    value: 'multipart/report',
    params: { 'report-type': 'tlsrpt' },
  })
  const [part] = mail.attachments
  expect(part).toMatchObject({
    contentType: 'application/tlsrpt+gzip',
    filename: 'mail.lab.test!example.net!1767312000!1767398399.json.gz',
  })
  expect(JSON.parse(gunzipSync(part?.content ?? Buffer.alloc(0)).toString())).toMatchObject({
    'contact-info': 'ops@operator.test',
    policies: [
      {
        policy: { 'policy-type': 'sts', 'policy-domain': 'example.net', 'mx-host': ['mx.example.net'] },
        summary: { 'total-successful-session-count': 1, 'total-failure-session-count': 0 },
      },
    ],
  })
})
