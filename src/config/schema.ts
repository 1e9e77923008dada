//
// Owns: every key of the configuration, in the order of mailwok.example.toml, with its default and what it means.
// The example file and the type `Config` are made from this table: a key cannot be in one and not in the other.
// Never: reading (load.ts), defaults that follow from other keys (derive.ts), rules between keys (rules.ts).

import { SCOPES } from '../core/access.ts'
import {
  count,
  duration,
  type Field,
  flag,
  HOST_OR_NOTHING,
  type Keys,
  listeners,
  type Many,
  many,
  matching,
  type Named,
  named,
  nameServers,
  networks,
  path,
  placeList,
  rate,
  type Section,
  secretText,
  section,
  size,
  text,
  textList,
  word,
  wordList,
} from './field.ts'
import { alerts } from './schema-alerts.ts'
import { delivery, pool, provider, relay, source } from './schema-delivery.ts'
import { doctor } from './schema-doctor.ts'
import { backup, retention } from './schema-keeping.ts'
import { tls, tlsPolicy, tlsReports } from './schema-tls.ts'

export const ROLES = ['api', 'submission', 'inbound', 'delivery', 'dashboard'] as const

const ADDRESS_OR_NOTHING = /^$|^[^\s@]+@[^\s@]+$/
const URL_OR_NOTHING = /^$|^https?:\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/
const STORE_URL_OR_NOTHING = /^$|^sqlite:.+$|^postgres(?:ql)?:\/\/.+$/

const server = section('This machine.', {
  secret_file: path(
    '',
    'Master secret, mode 0600, the same on all nodes, part of every backup. Empty: data_dir/secret.',
  ),
  hostname: matching(
    '',
    'HELO name; public name of API, tracking and bounces. Empty: the name of the machine.',
    {
      pattern: HOST_OR_NOTHING,
      want: 'a host name such as "mail.example.com"',
    },
  ),
  operator: matching('', 'Address of the person in charge: alerts, postmaster@ and abuse@, ACME account.', {
    pattern: ADDRESS_OR_NOTHING,
    want: 'an address such as "ops@example.com"',
  }),
  data_dir: path('/var/lib/mailwok', 'Where everything is kept that must survive.'),
  roles: wordList(ROLES, 'What this node does. All by default.'),
  public_url: matching('', 'Links in mail: tracking, unsubscribe. Empty: https:// and the hostname.', {
    pattern: URL_OR_NOTHING,
    want: 'a URL such as "https://mail.example.com"',
  }),
  node: matching('0', 'One character that no other live node of the same store has; part of every id.', {
    pattern: /^[0-9a-z]$/,
    want: 'one of 0-9 and a-z',
  }),
  stop_within: duration('30s', 'How long SIGTERM waits for transactions under way.'),
})

const store = section('Where mail waits.', {
  url: matching(
    '',
    'sqlite:/path/file.db or postgres://user@host/db. Empty: sqlite: and data_dir/mailwok.db.',
    {
      pattern: STORE_URL_OR_NOTHING,
      want: '"sqlite:/path/file.db" or "postgres://user@host/db"',
    },
  ),
  inbox: size(
    '64MB',
    'Bytes of mail that may wait for their commit; beyond it new mail is refused for the moment.',
  ),
})

const api = section('The REST API. A listener is a string or a list; "" switches it off.', {
  https: listeners('[::]:443', 'Dual stack; the certificate is that of [tls].'),
  http: listeners('127.0.0.1:8080', 'Plain, for local programs; elsewhere only with trusted_proxies.'),
  trusted_proxies: networks('Networks of proxies before api.http; their X-Forwarded-For is believed.'),
  admin_socket: path('/run/mailwok/admin.sock', 'The command line talks here. "" switches it off.'),
  max_body_size: size('25MB', 'Larger request bodies are answered with 413.'),
})

const submission = section('The SMTP relay for applications.', {
  starttls: listeners(['[::]:587', '[::]:2525'], '2525 is for networks that block 587.'),
  tls: listeners('[::]:465', 'Implicit TLS (RFC 8314).'),
  max_message_size: size('25MB', 'Announced as SIZE (RFC 1870).'),
  plain: listeners(
    '',
    'For local programs without TLS, such as "127.0.0.1:1025"; loopback or keyless networks only.',
  ),
  keyless_networks: networks('May submit without a key, as keyless_account; From must still be its domain.'),
  keyless_account: text('default', 'Whose mail that is.'),
  max_recipients: count(1000, 'Recipients of one message (RFC 5321 §4.5.3.1.8 asks for at least 100).', {
    from: 100,
    to: 50_000,
  }),
  max_connections: count(1000, 'Connections at once, all together.', { from: 1, to: 100_000 }),
  max_connections_per_address: count(100, 'Connections at once from one address.', { from: 1, to: 100_000 }),
  max_connections_per_key: count(100, 'Connections at once with one key.', { from: 1, to: 100_000 }),
  memory: size('128MB', 'Bytes of messages on their way in; beyond it a new message is answered with 452.'),
  max_received: count(50, 'Received fields after which a message is a loop (RFC 5321 §6.3).', {
    from: 10,
    to: 1000,
  }),
  timeout: duration('5m', 'Waiting for the next command (RFC 5321 §4.5.3.2.7).'),
  bounce_messages: word(
    'on-request',
    ['on-request', 'always', 'never'],
    'Failures as mail to the submitter: to who gave NOTIFY (RFC 3461), to all, or to nobody.',
  ),
})

const suppression = section('Addresses that are not written to any more.', {
  hard_bounce: duration('180d', 'How long after a bounce that says that the address does not exist.'),
})

const inbound = section('Mail that comes back: bounces, complaints, replies.', {
  listen: listeners('[::]:25', 'Where MX records point; STARTTLS with the certificate of [tls].'),
  max_message_size: size('10MB', 'Larger bounces, reports and replies are refused with 552.'),
  max_connections: count(500, 'Connections at once, all together.', { from: 1, to: 100_000 }),
  max_connections_per_address: count(20, 'Connections at once from one address.', { from: 1, to: 100_000 }),
  memory: size('64MB', 'Bytes of messages on their way in; beyond it a new message is answered with 452.'),
  timeout: duration('5m', 'Waiting for the next command (RFC 5321 §4.5.3.2.7).'),
  greeting_pause: duration('300ms', 'Before the greeting; who speaks first is no mail server.'),
})

const webhooks = section('Letters and, later, events to programs of yours.', {
  allow: placeList('Inside places that a webhook may reach, such as "127.0.0.1:3000".'),
})

const dns = section('Name servers.', {
  servers: nameServers('Empty: those of the system.'),
  timeout: duration('5s', 'Waiting for one answer.'),
  trust_ad: word(
    'auto',
    ['auto', 'always', 'never'],
    'Whose word on DNSSEC counts. auto: that of a name server on this machine. always: the way to them is safe.',
  ),
})

const domains = section('Domains that may send.', {
  require_verification: flag(true, 'False only in labs: any From domain that was added may send.'),
  check_every: duration('4h', 'Records that are right are looked at again; those that are not, sooner.'),
  dkim_rotation: duration('180d', 'How long a DKIM key signs. 0s: until somebody asks for another.'),
  dkim_zone: matching(
    '',
    'A zone that you serve: keys are published as CNAME to <selector>.<domain>.<zone>. Empty: as TXT.',
    { pattern: HOST_OR_NOTHING, want: 'a zone such as "dkim.example.net"' },
  ),
})

const log = section('What is written to standard error.', {
  level: word('info', ['debug', 'info', 'warn', 'error'], 'The least important line that is written.'),
  format: word('auto', ['auto', 'json', 'logfmt'], 'auto: logfmt on a terminal, JSON otherwise.'),
  attempts: flag(true, 'A line of level info for each attempt to deliver.'),
})

const metrics = section('Figures for Prometheus.', {
  listen: listeners('', 'GET /metrics, such as "127.0.0.1:9464"; the admin socket has it always.'),
})

const plans = named(
  'Limits of accounts. The built-in plans can be changed, others added.',
  {
    api_per_second: rate('API requests; a number or "unlimited".'),
    mail_per_second: rate('Emails, counted by recipient; a number or "unlimited".'),
    mail_per_day: rate('The same in a day of UTC.'),
    mail_per_month: rate('And in a calendar month of UTC.'),
    max_domains: rate('Sending domains of the account.'),
  },
  {
    free: { api_per_second: 10, mail_per_second: 1 },
    starter: { api_per_second: 50, mail_per_second: 10 },
    standard: { api_per_second: 100, mail_per_second: 50 },
    professional: { api_per_second: 500, mail_per_second: 200 },
    unlimited: { api_per_second: 'unlimited', mail_per_second: 'unlimited' },
  },
)

const domain = many(
  'Optional and declarative: made at start if missing, never deleted.',
  {
    name: matching('', 'The domain that may be written after the @ of From.', {
      pattern: HOST_OR_NOTHING,
      want: 'a domain such as "example.com"',
    }),
    account: text('default', 'Whose domain it is.'),
    track_opens: word(
      '',
      ['', 'on', 'off'],
      'Whether opens may be counted. Empty: as mailwok domain track says.',
    ),
    track_clicks: word('', ['', 'on', 'off'], 'The same for clicks.'),
  },
  { name: 'example.com', account: 'default', track_opens: '', track_clicks: '' },
)

const key = many(
  'Optional and declarative: made at start if missing, never deleted.',
  {
    name: text('', 'What lists show.'),
    account: text('default', 'Whose key it is.'),
    secret: secretText('The whole key, mwk_live_… or mwk_test_…; better secret__FILE.'),
    scopes: textList(
      'What it may do; empty: all of its account. Counts when it is made.',
      `scopes: ${SCOPES.join(', ')}`,
      (text) => SCOPES.some((scope) => scope === text),
    ),
  },
  { name: 'shop', account: 'default', secret__FILE: '/run/credentials/shop-key', scopes: ['email:send'] },
)

export const SCHEMA = {
  server,
  store,
  api,
  submission,
  suppression,
  inbound,
  webhooks,
  tls,
  dns,
  domains,
  delivery,
  source,
  pool,
  relay,
  provider,
  tls_policy: tlsPolicy,
  tls_reports: tlsReports,
  retention,
  backup,
  log,
  metrics,
  doctor,
  alerts,
  plans,
  domain,
  key,
} as const satisfies Keys

type Camel<S> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S

type ValueOf<E> =
  E extends Field<infer T>
    ? T
    : E extends Section<infer K>
      ? ValuesOf<K>
      : E extends Many<infer K>
        ? readonly ValuesOf<K>[]
        : E extends Named<infer K>
          ? Readonly<Record<string, ValuesOf<K>>>
          : never

type ValuesOf<K> = { readonly [Name in keyof K as Camel<Name>]: ValueOf<K[Name]> }

/** Parsed, complete, deep-frozen. Keys are those of the file in camelCase. */
export type Config = ValuesOf<typeof SCHEMA>
