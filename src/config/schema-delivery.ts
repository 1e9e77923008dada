//
// Owns: the keys of mail on its way out: [delivery], [[source]], [[pool]], [[relay]]. Part of the table in schema.ts.

import {
  address,
  addresses,
  count,
  countOrAuto,
  duration,
  flag,
  HOST_OR_NOTHING,
  many,
  matching,
  path,
  rate,
  secretText,
  section,
  size,
  text,
  textList,
  word,
  wordList,
} from './field.ts'

/** `example.net`, or `.example.org` for everything below it. */
const isRecipientDomain = (value: string): boolean =>
  value !== '' && HOST_OR_NOTHING.test(value.replace(/^\./, ''))
const RELAY_HOST = new RegExp(`${HOST_OR_NOTHING.source}|^[0-9a-f:.]*:[0-9a-f:.]*$`, 'i')

const timeouts = section(
  'Other values are for tests and labs: the defaults are those of RFC 5321 §4.5.3.2.',
  {
    connect: duration('30s', 'TCP connection.'),
    greeting: duration('5m', 'The 220 of the peer.'),
    command: duration('5m', 'EHLO, MAIL, RCPT.'),
    data: duration('2m', 'The 354.'),
    block: duration('3m', 'One block of the message.'),
    final_dot: duration('10m', 'The answer to the message.'),
    idle: duration('5s', 'A connection without work is kept this long for the next message.'),
  },
)

export const delivery = section('Mail on its way out.', {
  mode: word(
    'direct',
    ['direct', 'relay', 'hybrid', 'capture'],
    'direct: to the MX hosts. relay: through [[relay]]. hybrid: direct first, else relay. capture: into a folder.',
  ),
  mx_port: count(25, 'Other values are for tests and labs.', { from: 1, to: 65_535 }),
  mta_sts: flag(true, 'Whether policies of receivers are asked for and kept (RFC 8461).'),
  dane: word(
    'auto',
    ['auto', 'off'],
    'auto: where signed TLSA records stand (RFC 7672); wants a validating resolver, see dns.trust_ad.',
  ),
  sts_port: count(443, 'Where policies are fetched; other values are for tests and labs.', {
    from: 1,
    to: 65_535,
  }),
  tls_ca_file: path(
    '',
    'PEM of authorities to believe beside the public ones, at MX hosts and for policies.',
  ),
  allow_private_destinations: flag(false, 'True only in labs: MX on loopback or private addresses.'),
  source_ips: addresses(
    'Outgoing addresses; empty: the choice of the system. IPv6 only where its PTR is right.',
  ),
  warmup: word('auto', ['auto', 'off'], 'Whether marketing mail from new addresses starts slowly.'),
  relay_domains: textList(
    'Hybrid: their mail goes by relay, e.g. "example.net", or ".example.org" for all below it.',
    'a list of domains such as ["example.net", ".example.org"]',
    isRecipientDomain,
  ),
  give_up_after: duration('5d', 'Then a message bounces (RFC 5321 §4.5.4.1 asks for 4 to 5 days).'),
  workers: countOrAuto('Threads that sign and speak SMTP; "auto" is one per core.', { from: 1, to: 64 }),
  capture_dir: path('', 'Where mode capture writes. Empty: data_dir/captured.'),
  capture_keep: duration('7d', 'What is older is removed from there.'),
  capture_size: size('1GB', 'Then the oldest is removed; looked after every minute.'),
  connections_per_provider: count(20, 'Connections at once to one provider from one address, at most.', {
    from: 1,
    to: 1000,
  }),
  max_connections: count(3000, 'Connections at work at once; those that hang get at most half of them.', {
    from: 4,
    to: 60_000,
  }),
  messages_per_connection: count(100, 'Then a fresh connection is made.', { from: 1, to: 100_000 }),
  memory: size('64MB', 'Bytes of messages held for delivery; the rest waits in the store.'),
  timeouts,
})

export const provider = many(
  'What you know better of a provider; by its name in `mailwok queue lanes`, or a new one with its mx.',
  {
    name: matching('', 'Of the lane.', {
      pattern: /^$|^[a-z0-9][a-z0-9._-]*$/,
      want: 'a name such as "gmx"',
    }),
    mx: textList(
      'Its MX hosts: these names and all below them. Empty: as known.',
      'a list of host names such as ["mx.example.net"]',
      (value) => value !== '' && HOST_OR_NOTHING.test(value),
    ),
    connections: count(0, 'Connections at once from one address, at most; 0: as known.', {
      from: 0,
      to: 1000,
    }),
    messages_per_connection: count(0, 'Then a fresh connection is made; 0: as known.', {
      from: 0,
      to: 100_000,
    }),
    messages_per_second: rate('At most, from one address; "unlimited": as known.'),
  },
  {
    name: 'example',
    mx: ['mx.example.net'],
    connections: 5,
    messages_per_connection: 50,
    messages_per_second: 10,
  },
)

const POOL_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/
const POOL_WANT = 'a name of small letters, digits, "-" and "_"'
const DOMAIN_LIST = 'a list of domains such as ["example.com"]'
const isDomain = (value: string): boolean => value !== '' && HOST_OR_NOTHING.test(value)

export const source = many(
  'Outgoing addresses with more to say than delivery.source_ips can; one of the two.',
  {
    address: address('IPv4 or IPv6, one of this machine.'),
    hostname: matching('', 'Its HELO name. Empty: its PTR where that is right, else server.hostname.', {
      pattern: HOST_OR_NOTHING,
      want: 'a host name such as "mx1.example.com"',
    }),
    pool: matching('default', 'The [[pool]] it belongs to.', { pattern: POOL_NAME, want: POOL_WANT }),
    warm: flag(false, 'True: it has sent for long and needs no warm-up.'),
    max_per_day: count(0, 'Marketing mails to one provider a day at most, in labs too; 0: as warm-up says.', {
      from: 0,
      to: 1_000_000_000,
    }),
  },
  { address: '192.0.2.10', hostname: 'mx1.example.com', pool: 'default', warm: false, max_per_day: 0 },
)

export const pool = many(
  'Which mail leaves from which addresses; the first that matches by domain, then by account, then by stream.',
  {
    name: matching('', 'Also what ip_pool of a send may ask for.', { pattern: POOL_NAME, want: POOL_WANT }),
    domains: textList('Mail signed as these domains, and those below them.', DOMAIN_LIST, isDomain),
    accounts: textList('Mail of these accounts.', 'a list of account names', (value) => value !== ''),
    streams: wordList(['transactional', 'marketing'], 'Mail of these streams.', []),
  },
  { name: 'bulk', domains: [], accounts: [], streams: ['marketing'] },
)

export const relay = many(
  'Smarthosts for mode relay and hybrid, tried in order.',
  {
    host: matching('', 'Name or address of the smarthost.', {
      pattern: RELAY_HOST,
      want: 'a host name or an IP address',
    }),
    port: count(587, 'Its port.', { from: 1, to: 65_535 }),
    username: text('', 'Empty: no AUTH.'),
    password: secretText('Or password__FILE, or a systemd credential.'),
    tls: word(
      'starttls',
      ['starttls', 'tls', 'none'],
      'tls: from the first octet (465). none: inside addresses only.',
    ),
    verify: flag(true, 'False only for a smarthost of your own whose certificate nobody signed.'),
    domains: textList(
      'Only for recipients at these domains; empty: for all.',
      DOMAIN_LIST,
      isRecipientDomain,
    ),
  },
  {
    host: 'smtp.example.net',
    port: 587,
    username: 'user',
    password__FILE: '/etc/mailwok/relay-password',
    tls: 'starttls',
    verify: true,
    domains: [],
  },
)
