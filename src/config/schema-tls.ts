//
// Owns: the keys of encryption: [tls], and towards receivers [[tls_policy]] and [tls_reports]. Part of the table in schema.ts.

import {
  flag,
  HOST_OR_NOTHING,
  listeners,
  many,
  matching,
  path,
  secretText,
  section,
  text,
  textList,
  word,
} from './field.ts'

const ADDRESS_OR_NOTHING = /^$|^[^\s@]+@[^\s@]+$/

const URL_OR_NOTHING = /^$|^https?:\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/

export const tls = section('The certificate for API and SMTP.', {
  mode: word(
    'self-signed',
    ['acme', 'files', 'self-signed'],
    'acme orders certificates by itself; files reads cert and key; self-signed is for labs.',
  ),
  hosts: textList(
    'Further names in the certificate, e.g. "smtp.example.com".',
    'a list of host names such as ["smtp.example.com"]',
    (value) => value !== '' && HOST_OR_NOTHING.test(value),
  ),
  acme_http: listeners(
    '[::]:80',
    'HTTP-01 answers; everything else there leads to https. api.http answers as well.',
  ),
  acme_directory: matching('', "Of the authority. Empty: Let's Encrypt.", {
    pattern: URL_OR_NOTHING,
    want: 'a URL such as "https://acme.example.com/directory"',
  }),
  acme_staging: flag(
    false,
    "Let's Encrypt's staging: no limits to speak of, and nobody trusts its certificates.",
  ),
  acme_terms_agreed: flag(false, 'You agree to the terms of the authority; it issues nothing otherwise.'),
  acme_eab_kid: text('', 'Key id of the account that the authority gave you, where it wants one (EAB).'),
  acme_eab_key: secretText('Its key, base64url.'),
  acme_ca_file: path('', 'PEM file with the root of an authority of your own.'),
  cert: path('', 'PEM file with the chain, for mode files.'),
  key: path('', 'PEM file with the private key, for mode files.'),
})

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
