import { expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { must, startLab } from '../support/appliance.ts'
import { asked, deliver, reportMail } from '../support/inbound.ts'
import { dmarcXml, tlsJson, zipOf } from '../support/reports.ts'

const FROM = 'noreply@receiver.example'
const ALL = { kind: null, domain: null, limit: 10 } as const

test.each([
  ['gzip', 'a.xml.gz', 'application/gzip', gzipSync(dmarcXml())],
  ['zip', 'a.zip', 'application/zip', zipOf('a.xml', Buffer.from(dmarcXml()))],
  ['nothing at all, and named wrongly', 'a.bin', 'application/octet-stream', Buffer.from(dmarcXml())],
])('a DMARC aggregate report packed by %s', async (_, name, type, content) => {
  await using lab = await startLab()
  const mail = { from: FROM, to: ['dmarc@example.com'], message: reportMail(name, type, content) }
  expect(await deliver(lab, mail)).toBe('250 2.0.0 Ok')
  // Reporters send again when they lose an answer.
  expect(await deliver(lab, mail)).toBe('250 2.0.0 Ok')
  const rows = must(await lab.admin.reportList(ALL))
  expect(rows).toHaveLength(1)
  expect(rows[0]).toMatchObject({
    kind: 'dmarc',
    domain: 'example.com',
    organization: 'receiver.example',
    passed: 42,
    failed: 0,
  })
  const shown = must(await lab.admin.reportShow({ id: rows[0]?.id ?? '' }))
  expect(shown.body).toMatchObject({ rows: [{ source_ip: '192.0.2.7', count: 42, spf: 'fail' }] })
})

test('a TLS report', async () => {
  await using lab = await startLab()
  const message = reportMail('r.json.gz', 'application/tlsrpt+gzip', gzipSync(tlsJson()))
  expect(await deliver(lab, { from: FROM, to: ['tlsrpt@mail.lab.test'], message })).toBe('250 2.0.0 Ok')
  expect(must(await lab.admin.reportList({ ...ALL, kind: 'tls' }))[0]).toMatchObject({
    domain: 'example.com',
    passed: 5326,
    failed: 303,
  })
  expect(must(await lab.admin.reportList({ ...ALL, kind: 'dmarc' }))).toEqual([])
})

test.each([
  ['about a domain of strangers', gzipSync(dmarcXml({ domain: 'stranger.example' })), '550 5.7.1'],
  ['a bomb', gzipSync(Buffer.alloc(11_000_000)), '550 5.6.0'],
  ['no report', gzipSync('Dear Sirs'), '550 5.6.0'],
])('%s is refused in session', async (_, content, reply) => {
  await using lab = await startLab()
  const message = reportMail('a.gz', 'application/gzip', content)
  expect(await deliver(lab, { from: FROM, to: ['dmarc@example.com'], message })).toStartWith(reply)
  expect(must(await lab.admin.reportList(ALL))).toEqual([])
})

test('report addresses are at our host and at added domains alone', async () => {
  await using lab = await startLab()
  expect(await asked(lab, 'dmarc@mail.lab.test')).toStartWith('250')
  expect(await asked(lab, 'dmarc@elsewhere.example')).toStartWith('550 5.7.1')
})
