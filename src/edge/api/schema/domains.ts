//
// Owns: the bodies, queries and answers of /v1/domains as schemas. `description` says what was wanted when it fails.

import { t } from 'elysia'
import { limitParameter } from '../read-query.ts'
import { done, instant, listOf, nullable, single, whole, words } from './answers.ts'

const strict = { additionalProperties: false } as const

const domainName = t.String({ minLength: 1, maxLength: 253, description: 'a domain such as "example.com"' })
const selector = t.String({ minLength: 1, maxLength: 120, description: 'a selector such as "s1"' })
const privateKey = t.String({
  minLength: 1,
  maxLength: 16_384,
  description: 'a private key: PEM, or the base64 seed of an Ed25519 key',
})
const flag = (about: string) => t.Boolean({ description: `true or false: ${about}` })

export const ImportBody = t.Object({ selector, private_key: privateKey }, strict)

const switches = {
  track_opens: t.Optional(flag('whether opens may be counted')),
  track_clicks: t.Optional(flag('whether clicks may be counted')),
  tracking_host: t.Optional(
    t.Union([t.String({ minLength: 1, maxLength: 253 }), t.Null()], {
      description: 'a host below the domain such as "links.example.com", or null for track.<domain>',
    }),
  ),
  dkim_rotation: t.Optional(flag('whether keys are changed by the clock')),
}

export const NewDomainBody = t.Object(
  {
    name: domainName,
    ...switches,
    dkim: t.Optional(
      t.Array(ImportBody, { maxItems: 2, description: 'a list of keys that have signed its mail elsewhere' }),
    ),
  },
  strict,
)
export const ChangeDomainBody = t.Object(switches, strict)

export const DomainPath = t.Object({
  name: t.String({ description: 'The name of a domain.', examples: ['example.com'] }),
})

const mark = (what: string) =>
  t.Optional(t.String({ maxLength: 253, description: `the name of the ${what}`, examples: [] }))

export const DomainsQuery = t.Object(
  {
    limit: limitParameter({ usual: 100, most: 1000 }),
    after: mark('last domain of the page before'),
    before: mark('first domain of the page behind'),
    status: t.Optional(words(['pending', 'verified', 'failing'])),
  },
  strict,
)
export const DnsQuery = t.Object(
  { format: t.Optional(words(['json', 'bind'], 'json, or bind: a zone file, which most DNS hosts import.')) },
  strict,
)

const STATES = ['ok', 'missing', 'wrong', 'warning', 'unknown'] as const
const CHECKS = [
  'dkim',
  'return_path_mx',
  'return_path_spf',
  'spf',
  'dmarc',
  'mx',
  'tracking',
  'mta_sts',
  'bimi',
] as const

export const Domain = t.Object(
  {
    name: t.String({ examples: ['example.com'] }),
    status: words(
      ['pending', 'verified', 'failing'],
      'failing: verified still, and no longer if what is wrong stays so for a day.',
    ),
    verified: t.Boolean(),
    verified_at: nullable(instant()),
    failing_since: nullable(instant()),
    checked_at: nullable(instant()),
    next_check_at: nullable(instant()),
    created_at: instant(),
    missing: t.Array(t.String({ examples: ['MX bounce.example.com'] }), {
      description: 'Required records that were not seen.',
    }),
    return_path: t.String({ examples: ['bounce.example.com'] }),
    track_opens: t.Boolean(),
    track_clicks: t.Boolean(),
    tracking_host: t.String({ examples: ['track.example.com'] }),
    dkim_rotation: t.Boolean(),
  },
  { title: 'Domain' },
)

const sentence = t.String({ description: 'A sentence for people.' })
const fix = t.String({ description: 'What to do; empty where nothing is to be done.' })
const found = t.Array(t.String(), { description: 'What stands there.' })

export const DnsRecord = t.Object(
  {
    type: words(['TXT', 'MX', 'CNAME']),
    name: t.String({ examples: ['mw1r._domainkey.example.com'] }),
    relative_name: t.String({
      description: 'As forms of DNS hosts ask for it.',
      examples: ['mw1r._domainkey'],
    }),
    value: t.String(),
    strings: t.Array(t.String(), {
      description: 'The value of a TXT record in strings of at most 255 octets.',
    }),
    purpose: t.String(),
    required: t.Boolean({ description: 'Without it the domain is not verified.' }),
    state: words([...STATES, 'unchecked']),
    found,
    message: sentence,
    fix,
  },
  { title: 'DnsRecord' },
)

export const Finding = t.Object(
  {
    check: words(CHECKS),
    type: words(['TXT', 'MX', 'CNAME']),
    name: t.String(),
    state: words(STATES, 'unknown: no name server gave an answer.'),
    required: t.Boolean(),
    found,
    message: sentence,
    fix,
  },
  { title: 'DomainFinding' },
)

export const DkimKey = t.Object(
  {
    selector: t.String({ examples: ['mw1r'] }),
    algorithm: words(['rsa-sha256', 'ed25519-sha256']),
    state: words(
      ['active', 'next', 'retired'],
      'next: waits for its record; retired: signs no more, its record proves what is on the way.',
    ),
    origin: words(['made', 'imported']),
    name: t.String({ examples: ['mw1r._domainkey.example.com'] }),
    value: t.String({ description: 'What is published; the private half is never told.' }),
    seen: t.Boolean({ description: 'Its record was right at the last look.' }),
    created_at: instant(),
    activated_at: nullable(instant()),
    retired_at: nullable(instant()),
    publish_until: nullable(t.String({ examples: ['2027-01-15'] }), {
      description: 'Until then the record of a retired key should stay.',
    }),
  },
  { title: 'DkimKey' },
)

const records = t.Array(DnsRecord)
const checks = t.Array(Finding, { description: 'All that was looked up, also what is not required.' })

export const DomainAnswer = single('domain', Domain)
export const DomainRecordsAnswer = single('domain', Domain, { records, checks })
export const DomainList = listOf(Domain)
export const DkimKeys = listOf(DkimKey)
export const ImportedKeyAnswer = single('key', DkimKey, { domain: Domain })
export const RotatedKeys = done({
  rotated: t.Boolean({ description: 'Other keys sign from now on.' }),
  waits_for: t.Array(DnsRecord, {
    description: 'Records that have to be seen before; empty: there are none.',
  }),
  keys: t.Array(DkimKey),
})
export const RemovedDomain = done({
  removed: whole({ minimum: 1, maximum: 1 }),
  queued_mail: sentence,
  publish_until: t.String({
    description: 'Until then its DKIM records should stay.',
    examples: ['2027-01-15'],
  }),
})
