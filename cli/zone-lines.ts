//
// Owns: records to publish in the forms that name servers and panels take in: lines of RFC 1035 §5.1 in three dialects,
// and a list to copy from by hand.
// Never: asks the DNS. What stands in `state` was seen before.

import type { DnsRow } from '../src/admin/domain-rows.ts'

export const ZONE_FORMATS = ['table', 'bind', 'cloudflare', 'hetzner', 'json'] as const
export type ZoneFormat = (typeof ZONE_FORMATS)[number]

const TTL = 3600

export function zoneText(records: readonly DnsRow[], format: Exclude<ZoneFormat, 'json'>): string {
  switch (format) {
    case 'table':
      return records.map(toCopy).join('\n\n')
    case 'bind':
      return records.map((it) => line(it, `${it.name}. ${TTL} IN ${it.type} ${dataOf(it)}`)).join('\n')
    case 'cloudflare':
      // Its import reads a BIND file; a proxied name would answer with addresses of its own.
      return records
        .map((it) => {
          const proxied = it.type === 'CNAME' ? ' ; cf_tags=cf-proxied:false' : ''
          return line(it, `${it.name}. ${TTL} IN ${it.type} ${dataOf(it)}${proxied}`)
        })
        .join('\n')
    case 'hetzner':
      return [
        '; An import replaces the whole zone: add these lines to an export of it, and import that.',
        ...zonesOf(records).flatMap((zone) => [
          `$ORIGIN ${zone}.`,
          `$TTL ${TTL}`,
          ...records
            .filter((it) => zoneOf(it) === zone)
            .map((it) => line(it, `${it.relative_name} IN ${it.type} ${dataOf(it)}`)),
        ]),
      ].join('\n')
    default:
      return format satisfies never
  }
}

/**
 * What is there already must not come twice: a second DMARC record makes both void (RFC 7489 §6.6.3), and nobody knows of
 * one before somebody has looked.
 */
function line(record: DnsRow, text: string): string {
  if (record.state === 'ok') return `; is there: ${text}`
  if (record.state === 'unchecked' && record.name.startsWith('_dmarc.'))
    return `; only where there is none:\n; ${text}`
  return text
}

/** MX and CNAME lead to full names, so that no reader puts the zone behind them. */
export const dataOf = (record: DnsRow): string =>
  record.type === 'TXT' ? quoted(record.strings) : `${record.value.replace(/\.$/, '')}.`

/** Strings of at most 255 octets each; a quote or backslash in them is written behind a backslash (RFC 1035 §5.1). */
const quoted = (strings: readonly string[]): string =>
  strings.map((piece) => `"${piece.replace(/["\\]/g, '\\$&')}"`).join(' ')

const zoneOf = ({ name, relative_name }: DnsRow): string =>
  relative_name === '@' ? name : name.slice(relative_name.length + 1)

const zonesOf = (records: readonly DnsRow[]): readonly string[] => [...new Set(records.map(zoneOf))]

/** Values stand alone in their line: they are to be copied whole. */
function toCopy(record: DnsRow): string {
  const mark = record.state === 'unchecked' ? '' : `, ${record.state}`
  return [
    `${record.purpose} (${record.required ? 'required' : 'optional'}${mark})`,
    `  type   ${record.type}`,
    `  name   ${record.relative_name}    in full ${record.name}`,
    `  value  ${record.value}`,
  ].join('\n')
}
