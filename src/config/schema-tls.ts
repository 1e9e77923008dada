//
// Owns: the keys of encryption towards receivers: [[tls_policy]] and [tls_reports]. Part of the table in schema.ts.

import { flag, HOST_OR_NOTHING, many, matching, section, word } from './field.ts'

const ADDRESS_OR_NOTHING = /^$|^[^\s@]+@[^\s@]+$/

export const tlsPolicy = many(
  'Your word about one recipient domain, before what it publishes itself.',
  {
    domain: matching('', 'After the @ of recipients.', {
      pattern: HOST_OR_NOTHING,
      want: 'a domain such as "example.com"',
    }),
    policy: word(
      'required',
      ['none', 'opportunistic', 'required', 'verified', 'dane'],
      'required: encryption. verified: and a certificate that proves the MX. dane: and TLSA records.',
    ),
  },
  { domain: 'example.com', policy: 'verified' },
)

export const tlsReports = section('Reports to domains that ask how TLS to them goes (RFC 8460).', {
  send: flag(true, 'Daily, only to domains with a _smtp._tls record.'),
  contact: matching('', 'Whom receivers may ask about them. Empty: server.operator.', {
    pattern: ADDRESS_OR_NOTHING,
    want: 'an address such as "ops@example.com"',
  }),
})
