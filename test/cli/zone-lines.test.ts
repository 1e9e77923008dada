import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type ZoneFormat, zoneText } from '../../cli/zone-lines.ts'
import type { DnsRow } from '../../src/admin/domain-rows.ts'
import { commandFolder } from '../support/command-folder.ts'

setDefaultTimeout(30_000)

const row = (given: Partial<DnsRow> & Pick<DnsRow, 'type' | 'relative_name' | 'value'>): DnsRow => ({
  name: given.relative_name === '@' ? 'example.co.uk' : `${given.relative_name}.example.co.uk`,
  purpose: 'a purpose',
  required: true,
  strings: [given.value],
  state: 'missing',
  message: '',
  fix: '',
  ...given,
})

const ROWS: readonly DnsRow[] = [
  row({ type: 'TXT', relative_name: 'k._domainkey', value: 'v=DKIM1; p=AB', strings: ['v=DKIM1; p=', 'AB'] }),
  row({ type: 'MX', relative_name: 'bounce', value: '10 mail.example.net' }),
  row({ type: 'CNAME', relative_name: 'track', value: 'mail.example.net' }),
  row({ type: 'TXT', relative_name: '@', value: 'a "b" \\' }),
]

test('bind: names in full, strings in quotes, a quote behind a backslash', () => {
  expect(zoneText(ROWS, 'bind')).toBe(
    [
      'k._domainkey.example.co.uk. 3600 IN TXT "v=DKIM1; p=" "AB"',
      'bounce.example.co.uk. 3600 IN MX 10 mail.example.net.',
      'track.example.co.uk. 3600 IN CNAME mail.example.net.',
      'example.co.uk. 3600 IN TXT "a \\"b\\" \\\\"',
    ].join('\n'),
  )
})

test('cloudflare: names are not to be answered with its own addresses', () => {
  const [txt, , cname] = zoneText(ROWS, 'cloudflare').split('\n')
  expect(txt).not.toContain('proxied')
  expect(cname).toEndWith('CNAME mail.example.net. ; cf_tags=cf-proxied:false')
})

test('hetzner: names relative to the zone that is named first', () => {
  expect(zoneText(ROWS, 'hetzner').split('\n').slice(1)).toEqual([
    '$ORIGIN example.co.uk.',
    '$TTL 3600',
    'k._domainkey IN TXT "v=DKIM1; p=" "AB"',
    'bounce IN MX 10 mail.example.net.',
    'track IN CNAME mail.example.net.',
    '@ IN TXT "a \\"b\\" \\\\"',
  ])
})

test('what is there is not given a second time, and a DMARC record only where somebody has looked', () => {
  const dmarc = { type: 'TXT', relative_name: '_dmarc', value: 'v=DMARC1; p=none', required: false } as const
  const seen = zoneText([row({ ...dmarc, state: 'ok' })], 'bind')
  const unknown = zoneText([row({ ...dmarc, state: 'unchecked' })], 'bind')
  expect((seen + unknown).split('\n').filter((line) => !line.startsWith(';'))).toEqual([])
  expect(zoneText([row({ ...dmarc, state: 'missing' })], 'bind')).toStartWith('_dmarc')
})

describe('domain dns --format', () => {
  const { json, run } = commandFolder('zone')

  test('what is printed is what is to be published, in every form', async () => {
    await json('domain', 'add', 'shop.example.co.uk')
    const records: readonly DnsRow[] = await json('domain', 'dns', 'shop.example.co.uk', '--format', 'json')
    expect(records.length).toBeGreaterThan(5)
    const printed = (format: ZoneFormat) => run('domain', 'dns', 'shop.example.co.uk', '--format', format)
    for (const format of ['bind', 'cloudflare', 'hetzner'] as const) {
      const { code, out } = await printed(format)
      expect(code).toBe(0)
      expect(readZone(out)).toEqual(
        records.map(({ name, type, value }) => [name, type, value.replace(/\.$/, '')]),
      )
    }
    const table = (await printed('table')).out
    for (const { value } of records) expect(table).toContain(value)
    expect((await run('domain', 'dns', 'shop.example.co.uk', '--format', 'x')).code).toBe(2)
  })
})

/** Also what stands behind a `;` because nobody has looked. */
function readZone(text: string): readonly (readonly [name: string, type: string, value: string])[] {
  let origin = ''
  return text.split('\n').flatMap((line) => {
    origin = /^\$ORIGIN (\S+)\.$/.exec(line)?.[1] ?? origin
    const [, name = '', type = '', data = ''] = /^(?:; )?(\S+)(?: \d+)? IN (\w+) (.*)$/.exec(line) ?? []
    if (type === '') return []
    const full = name.endsWith('.') ? name.slice(0, -1) : name === '@' ? origin : `${name}.${origin}`
    const strings = [...data.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, one = '']) =>
      one.replace(/\\(.)/g, '$1'),
    )
    for (const one of strings) expect(Buffer.byteLength(one)).toBeLessThanOrEqual(255)
    const value = type === 'TXT' ? strings.join('') : data.replace(/ ;.*$/, '').replace(/\.$/, '')
    return [[full, type, value] as const]
  })
}
