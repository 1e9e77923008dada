import { describe, expect, test } from 'bun:test'
import { readDmarcReport } from '../../../src/mail/reports/dmarc.ts'
import { MAX_ROWS } from '../../../src/mail/reports/report.ts'
import { readTlsReport } from '../../../src/mail/reports/tls.ts'
import { dmarcXml, tlsJson } from '../../support/reports.ts'

const dmarc = (xml: string) => readDmarcReport(Buffer.from(xml))
const tls = (json: string) => readTlsReport(Buffer.from(json))

describe('a DMARC aggregate report', () => {
  test('is read into rows', () => {
    const read = dmarc(dmarcXml())
    if (!read.ok) throw new Error(read.error)
    expect(read.value).toEqual({
      kind: 'dmarc',
      domain: 'example.com',
      organization: 'receiver.example',
      reportId: '2026-r1',
      beginAt: Date.UTC(2026, 0, 1),
      endAt: Date.UTC(2026, 0, 2),
      body: {
        contact: 'noreply@receiver.example',
        policy: { adkim: 'r', aspf: 'r', p: 'none', sp: 'none' },
        rows: [
          {
            source_ip: '192.0.2.7',
            count: 42,
            disposition: 'none',
            dkim: 'pass',
            spf: 'fail',
            header_from: 'example.com',
            envelope_from: 'bounce.example.com',
            reasons: ['forwarded a & b'],
            dkim_results: ['example.com mw1r pass', 'example.com mw1e neutral'],
            spf_results: ['bounce.example.com pass'],
          },
        ],
        truncated: false,
      },
    })
  })

  test('without a namespace, with a prefix, with a byte order mark', () => {
    const bare = dmarcXml().replace(/ xmlns="[^"]*"/, '')
    const prefixed = bare.replace(/<(\/?)(?=[a-z])/g, '<$1d:')
    for (const xml of [bare, prefixed, `\uFEFF${bare}`]) expect(dmarc(xml).ok).toBe(true)
  })

  test.each(['9007199254740', '9007199254740991', '-5', '1e400', 'yesterday'])(
    'begins at no time with %s',
    (begin) => {
      const read = dmarc(dmarcXml().replace('1767225600', begin))
      expect(read.ok && read.value.beginAt).toBe(0)
    },
  )

  test('has bounds', () => {
    const read = dmarc(dmarcXml({ rows: MAX_ROWS + 1 }))
    expect(read.ok && [read.value.body.rows.length, read.value.body.truncated]).toEqual([MAX_ROWS, true])
  })

  test.each([
    ['an entity', `<!DOCTYPE f [<!ENTITY a "x">]>${dmarcXml()}`, 'forbidden'],
    ['depth', `<feedback>${'<a>'.repeat(5000)}`, 'unreadable'],
    ['no XML', 'Dear Sirs,', 'unreadable'],
    ['nothing', '', 'unreadable'],
    ['half of one', dmarcXml().slice(0, 400), 'unreadable'],
    ['another vocabulary', '<html><body>no</body></html>', 'unreadable'],
    [
      'a name that is a prototype',
      '<feedback><__proto__><domain>x</domain></__proto__></feedback>',
      'unreadable',
    ],
  ])('%s is refused', (_, xml, want) => {
    const read = dmarc(xml)
    expect(read.ok ? 'read' : read.error).toBe(want as never)
  })

  test('a text cannot bring control characters or be endless', () => {
    const read = dmarc(dmarcXml({ id: `a&#10;b${'x'.repeat(5000)}` }))
    if (!read.ok) throw new Error(read.error)
    expect(read.value.reportId).toMatch(/^a bx{400,500}$/)
  })
})

describe('a TLS report', () => {
  test('is read', () => {
    const read = tls(tlsJson())
    if (!read.ok) throw new Error(read.error)
    const { body, ...head } = read.value
    expect(head).toEqual({
      kind: 'tls',
      domain: 'example.com',
      organization: 'Receiver Inc.',
      reportId: 'tls-1',
      beginAt: Date.UTC(2026, 0, 1),
      endAt: Date.UTC(2026, 0, 1, 23, 59, 59),
    })
    expect(body.policies[0]).toMatchObject({
      policy_type: 'sts',
      successful: 5326,
      failed: 303,
      failures: [{ result_type: 'certificate-expired', count: 100 }],
    })
  })

  test.each([['{'], ['[]'], ['null'], ['{"policies":[{}]}'], ['"x"']])('%s is none', (json) => {
    expect(tls(json).ok).toBe(false)
  })
})
