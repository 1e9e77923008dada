//
// Owns: reports as other people's servers send them: aggregate XML, TLS JSON, and how they are packed.

import { crc32, deflateRawSync } from 'node:zlib'

export interface DmarcSample {
  readonly id?: string
  readonly domain?: string
  readonly source?: string
  readonly dkim?: string
  readonly spf?: string
  readonly rows?: number
}

export function dmarcXml(sample: DmarcSample = {}): string {
  const { id = '2026-r1', domain = 'example.com', source = '192.0.2.7', dkim = 'pass', spf = 'fail' } = sample
  const record = `  <record>
    <row>
      <source_ip>${source}</source_ip><count>42</count>
      <policy_evaluated><disposition>none</disposition><dkim>${dkim}</dkim><spf>${spf}</spf>
        <reason><type>forwarded</type><comment>a &amp; b</comment></reason></policy_evaluated>
    </row>
    <identifiers><header_from>Example.COM</header_from><envelope_from>bounce.example.com</envelope_from></identifiers>
    <auth_results>
      <dkim><domain>example.com</domain><selector>mw1r</selector><result>pass</result></dkim>
      <dkim><domain>example.com</domain><selector>mw1e</selector><result>neutral</result></dkim>
      <spf><domain>bounce.example.com</domain><scope>mfrom</scope><result>pass</result></spf>
    </auth_results>
  </record>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">
  <version>1.0</version>
  <report_metadata>
    <org_name>receiver.example</org_name><email>noreply@receiver.example</email>
    <report_id>${id}</report_id>
    <date_range><begin>1767225600</begin><end>1767312000</end></date_range>
  </report_metadata>
  <policy_published><domain>${domain}</domain><adkim>r</adkim><aspf>r</aspf><p>none</p><sp>none</sp></policy_published>
${Array.from({ length: sample.rows ?? 1 }, () => record).join('\n')}
</feedback>
`
}

export const tlsJson = (domain = 'example.com', id = 'tls-1'): string =>
  JSON.stringify({
    'organization-name': 'Receiver Inc.',
    'date-range': { 'start-datetime': '2026-01-01T00:00:00Z', 'end-datetime': '2026-01-01T23:59:59Z' },
    'contact-info': 'tls@receiver.example',
    'report-id': id,
    policies: [
      {
        policy: { 'policy-type': 'sts', 'policy-domain': domain, 'mx-host': ['*.example.com'] },
        summary: { 'total-successful-session-count': 5326, 'total-failure-session-count': 303 },
        'failure-details': [
          {
            'result-type': 'certificate-expired',
            'sending-mta-ip': '2001:db8::1',
            'receiving-mx-hostname': 'mx1.example.com',
            'failed-session-count': 100,
          },
        ],
      },
    ],
  })

/** An archive of one file (PKWARE APPNOTE 6.3), deflated unless `stored`. */
export function zipOf(name: string, content: Buffer, stored = false): Buffer {
  const data = stored ? content : deflateRawSync(content)
  const head = (signature: number, before: number): Buffer => {
    const fields = Buffer.alloc(before === 0 ? 30 : 46)
    const at = fields.length === 30 ? 0 : 2
    fields.writeUInt32LE(signature, 0)
    fields.writeUInt16LE(20, 4 + at)
    fields.writeUInt16LE(stored ? 0 : 8, 8 + at)
    fields.writeUInt32LE(crc32(content), 14 + at)
    fields.writeUInt32LE(data.length, 18 + at)
    fields.writeUInt32LE(content.length, 22 + at)
    fields.writeUInt16LE(name.length, 26 + at)
    return fields
  }
  const local = Buffer.concat([head(0x04034b50, 0), Buffer.from(name), data])
  const directory = Buffer.concat([head(0x02014b50, 1), Buffer.from(name)])
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, directory, end])
}
