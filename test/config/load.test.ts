import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type ConfigFault, formatFault } from '../../src/config/faults.ts'
import { type Loaded, loadConfig, readSurroundings } from '../../src/config/load.ts'
import { nearest } from '../../src/core/nearest.ts'

const folder = mkdtempSync(join(tmpdir(), 'mailwok-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Env = Readonly<Record<string, string>>
interface Given {
  readonly toml?: string
  readonly env?: Env
  readonly flags?: Readonly<Record<string, string>>
}

function load({ toml = '', env = {}, flags = {} }: Given) {
  const file = write('mailwok.toml', toml)
  return loadConfig({ file, flags: new Map(Object.entries(flags)) }, env)
}

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function loaded(given: Given): Loaded {
  const result = load(given)
  if (!result.ok) throw new Error(result.error.map(formatFault).join('\n'))
  return result.value
}

function faults(given: Given): readonly ConfigFault[] {
  const result = load(given)
  return result.ok ? [] : result.error
}

const originOf = (given: Given, key: string) => loaded(given).shown.find((it) => it.key === key)?.origin

describe('defaults', () => {
  const { config } = loaded({})

  test('are those that are documented', () => {
    expect(config.server.dataDir).toBe('/var/lib/mailwok')
    expect(config.server.secretFile).toBe('/var/lib/mailwok/secret')
    expect(config.store.url).toBe('sqlite:/var/lib/mailwok/mailwok.db')
    expect(config.api.http).toEqual([{ host: '127.0.0.1', port: 8080 }])
    expect(config.submission.starttls.map((it) => it.port)).toEqual([587, 2525])
    expect(config.submission.plain).toEqual([])
    expect(config.delivery.giveUpAfter).toBe(5 * 86_400_000)
    expect(config.delivery.workers).toBeGreaterThan(0)
    const others = { mailPerDay: null, mailPerMonth: null, maxDomains: null }
    expect(config.plans['free']).toEqual({ apiPerSecond: 10, mailPerSecond: 1, ...others })
    expect(config.plans['unlimited']).toMatchObject({ apiPerSecond: null, mailPerSecond: null })
    expect(config.server.publicUrl).toBe(`https://${config.server.hostname}`)
  })

  test('are frozen to the ground', () => {
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.delivery.timeouts)).toBe(true)
    expect(Object.isFrozen(config.api.http[0])).toBe(true)
    expect(() => Object.assign(config.server, { hostname: 'other' })).toThrow()
  })

  test('follow the keys they hang on', () => {
    const toml = '[server]\ndata_dir = "/data"\nhostname = "Mail.Example.com"\n'
    const { server, store, delivery } = loaded({ toml }).config
    expect(server.secretFile).toBe('/data/secret')
    expect(store.url).toBe('sqlite:/data/mailwok.db')
    expect(delivery.captureDir).toBe('/data/captured')
    expect(server.publicUrl).toBe('https://mail.example.com')
  })
})

test('what is shown is what holds', () => {
  const toml =
    '[server]\nhostname = "mail.example.com"\n[[key]]\nname = "a"\nsecret = "mwk_live_0123456789abcdef"\n'
  const shown = new Map(loaded({ toml }).shown.map((it) => [it.key, it]))
  expect(shown.get('server.public_url')?.raw).toBe('https://mail.example.com')
  expect(shown.get('server.operator')?.raw).toBe('')
  expect(shown.get('delivery.warmup')?.raw).toBe('auto')
  expect(shown.get('key.0.secret')?.secret).toBe(true)
})

describe('precedence', () => {
  const toml = '[api]\nhttp = "127.0.0.1:4"\n'
  const credentials = mkdtempSync(join(folder, 'credentials-'))
  writeFileSync(join(credentials, 'api.http'), '127.0.0.1:3\n')
  const file = write('http', '127.0.0.1:2\n')
  const all = {
    toml,
    flags: { 'api.http': '127.0.0.1:1' },
    env: {
      MAILWOK_API__HTTP: '127.0.0.1:5',
      MAILWOK_API__HTTP__FILE: file,
      CREDENTIALS_DIRECTORY: credentials,
    },
  }
  const { MAILWOK_API__HTTP: _direct, ...indirect } = all.env
  test.each([
    ['a flag', all, 1, 'flag --set'],
    ['the environment', { toml, env: all.env }, 5, 'env MAILWOK_API__HTTP'],
    ['a file that the environment names', { toml, env: indirect }, 2, 'env MAILWOK_API__HTTP__FILE'],
    ['a credential', { toml, env: { CREDENTIALS_DIRECTORY: credentials } }, 3, 'credential api.http'],
    ['the file', { toml }, 4, 'file mailwok.toml'],
    ['the default', {}, 8080, 'default '],
  ] as const)('%s wins over what follows', (_, given, port, said) => {
    expect(loaded(given).config.api.http[0]?.port).toBe(port)
    const origin = originOf(given, 'api.http')
    expect(`${origin?.kind} ${basename(origin?.where ?? '')}`).toBe(said)
  })

  test('the file is remembered with its line', () => {
    expect(originOf({ toml }, 'api.http')?.place).toMatchObject({ line: 2, column: 1 })
  })
})

describe('text from outside the file', () => {
  test.each([
    [
      'MAILWOK_SUBMISSION__STARTTLS',
      '127.0.0.1:1, [::1]:2',
      (it: Loaded) => it.config.submission.starttls.length,
      2,
    ],
    [
      'MAILWOK_SUBMISSION__STARTTLS',
      '["127.0.0.1:1"]',
      (it: Loaded) => it.config.submission.starttls.length,
      1,
    ],
    ['MAILWOK_API__HTTPS', '[::1]:2', (it: Loaded) => it.config.api.https[0]?.host, '::1'],
    ['MAILWOK_API__HTTPS', '', (it: Loaded) => it.config.api.https.length, 0],
    ['MAILWOK_DELIVERY__MX_PORT', '2526', (it: Loaded) => it.config.delivery.mxPort, 2526],
    [
      'MAILWOK_DOMAINS__REQUIRE_VERIFICATION',
      'false',
      (it: Loaded) => it.config.domains.requireVerification,
      false,
    ],
    [
      'MAILWOK_DELIVERY__TIMEOUTS__FINAL_DOT',
      '2s',
      (it: Loaded) => it.config.delivery.timeouts.finalDot,
      2000,
    ],
    [
      'MAILWOK_PLANS__FREE__MAIL_PER_SECOND',
      '2.5',
      (it: Loaded) => it.config.plans['free']?.mailPerSecond,
      2.5,
    ],
    ['MAILWOK_DELIVERY__WORKERS', '3', (it: Loaded) => it.config.delivery.workers, 3],
  ] as const)('%s=%p', (variable, text, read, want) => {
    expect(read(loaded({ env: { [variable]: text } }))).toEqual(want)
  })

  test('lists of tables are filled in, not made', () => {
    const toml = '[[key]]\nname = "shop"\n'
    const secret = 'mwk_live_0123456789abcdef'
    expect(loaded({ toml, env: { MAILWOK_KEY__0__SECRET: secret } }).config.key[0]?.secret).toBe(secret)
    expect(faults({ env: { MAILWOK_KEY__0__SECRET: secret } })).toHaveLength(1)
  })

  test('__FILE in the file reads a secret without its line end', () => {
    const file = write('shop-key', 'mwk_live_0123456789abcdef\n')
    const toml = `[[key]]\nname = "shop"\nsecret__FILE = "${file}"\n`
    expect(loaded({ toml }).config.key[0]?.secret).toBe('mwk_live_0123456789abcdef')
  })

  test('variables that mean other things are left alone', () => {
    expect(faults({ env: { MAILWOK_URL: 'x', MAILWOK_TEST_ALL: '1', MAILWOK: 'y' } })).toEqual([])
  })
})

describe('faults', () => {
  test('all are told at once, with place, caret and the nearest key', () => {
    const toml = '[server]\nhostnme = "x"\n\n[delivery]\n  give_up_after = "five days"\nmx_port = 99999\n'
    const told = faults({ toml }).map(formatFault).join('\n').replaceAll(folder, '')
    expect(told).toBe(`/mailwok.toml:2:1: unknown key server.hostnme; did you mean server.hostname?
  2 | hostnme = "x"
      ^^^^^^^
/mailwok.toml:5:3: delivery.give_up_after is "five days"; want a duration such as "90s", "20m", "5d"
  5 |   give_up_after = "five days"
        ^^^^^^^^^^^^^
/mailwok.toml:6:1: delivery.mx_port is 99999; want a whole number from 1 to 65535
  6 | mx_port = 99999
      ^^^^^^^`)
  })

  test.each([
    ['[nowhere]\na = 1\n', 'unknown key nowhere'],
    ['[deliverey]\n', 'did you mean delivery?'],
    ['server = 1\n', 'server is not a table'],
    ['[relay]\nhost = "a"\n', 'write [[relay]]'],
    ['[[server]]\n', 'server is not a table'],
    ['[plans]\nfree = 1\n', 'plans.free is not a table'],
    ['[plans.free]\nmail_per_second = 0\n', 'plans.free.mail_per_second is 0; want a number above 0'],
    ['[server]\nroles = ["api", "cook"]\n', 'server.roles is ["api","cook"]; want a list of'],
    ['[server]\nnode = "10"\n', 'want one of 0-9 and a-z'],
    ['[api]\nhttp = "8080"\n', 'want address:port'],
    ['[api]\nhttp = 8080\n', 'want address:port'],
    ['[store]\nurl = "mysql://x"\n', 'want "sqlite:/path/file.db"'],
    ['[domains]\nrequire_verification = "no"\n', 'want true or false'],
    ['[tls]\nmode = "acme"\n', 'acme_terms_agreed is false'],
    ['[tls]\nmode = "acme"\nacme_terms_agreed = true\nacme_eab_kid = "k"\n', 'acme_eab_key is empty'],
    [
      '[tls]\nmode = "acme"\nacme_terms_agreed = true\nacme_staging = true\nacme_directory = "https://a.test/"\n',
      'leave one of them out',
    ],
    ['[tls]\nmode = "files"\ncert = "/c"\n', 'tls.key is empty'],
    ['[delivery]\nmode = "relay"\n', 'wants at least one [[relay]]'],
    ['[[relay]]\nhost = "a.example"\ntls = "none"\n', 'would carry mail and password in clear to a.example'],
    [
      '[[relay]]\nhost = "10.0.0.5"\ntls = "none"\nusername = "me"\npassword = "x"\n',
      'would show the password to the network of 10.0.0.5',
    ],
    ['[[relay]]\nhost = "203.0.113.1"\ntls = "none"\n', 'in clear to 203.0.113.1'],
    ['[[relay]]\nhost = "a.example"\nusername = "me"\n', 'relay.0.password is missing; want both or none'],
    [
      '[[relay]]\nhost = "a.example"\n[[relay]]\nhost = "a.example"\n',
      'a.example:587, which was named before',
    ],
    ['[[source]]\nwarm = true\n', 'source.0.address is missing'],
    ['[[source]]\naddress = "10.0.0.300"\n', 'want an IP address'],
    ['[[source]]\naddress = "192.0.2.1"\n[[source]]\naddress = "192.0.2.1"\n', 'was named before'],
    [
      '[[source]]\naddress = "192.0.2.1"\n[[source]]\naddress = "192.0.2.2"\npool = "bulk"\n',
      'is no [[pool]]; there are: default',
    ],
    ['[[pool]]\nname = "bulk"\n', 'is "bulk", and no [[source]] is in it'],
    ['[[pool]]\nname = "default"\n', 'is "default", which is taken'],
    [
      '[[pool]]\nname = "bulk"\n[[source]]\naddress = "192.0.2.1"\npool = "bulk"\n',
      'no [[source]] is in the pool "default"',
    ],
    [
      '[delivery]\nsource_ips = ["192.0.2.1"]\n[[source]]\naddress = "192.0.2.1"\n',
      'want them all as [[source]]',
    ],
    ['[delivery]\nrelay_domains = ["a b"]\n', 'want a list of domains'],
    ['[inbound]\nmemory = "1MB"\n', 'smaller than inbound.max_message_size'],
    ['[server]\nhostname = "mail.a.example"\noperator = "ops@Mail.a.example"\n', 'has no mailboxes'],
    ['[api]\nhttp = "0.0.0.0:80"\n', 'name the proxy in api.trusted_proxies'],
    ['[submission]\nplain = "0.0.0.0:25"\n', 'name submission.keyless_networks'],
    ['[submission]\nkeyless_networks = ["0.0.0.0/0"]\n', 'the whole internet'],
    ['[submission]\nmemory = "1MB"\n', 'smaller than submission.max_message_size'],
    ['[[key]]\nname = "a"\nsecret = "short"\n', 'key.0.secret is missing or too short'],
    ['[[domain]]\naccount = "a"\n', 'domain.0.name is missing'],
    ['[[key]]\nname = "a"\nsecret__FILE = "/nowhere/at/all"\n', 'cannot be read'],
    ['[server]\nhostname = "a\n', 'string'],
    ['a = 1\na = 2\n', 'redefin'],
  ])('%p says %p', (toml, want) => {
    const told = faults({ toml })
    expect(told).toHaveLength(1)
    expect(told[0]?.say).toContain(want)
  })

  test('no secret is told', () => {
    const told = faults({ toml: '[[key]]\nname = "a"\nsecret = ["mwk_live_hidden"]\n' })
    expect(told.map((it) => it.say).join()).not.toContain('hidden')
  })

  test('a slip in the environment or in a flag is one too', () => {
    const told = faults({ env: { MAILWOK_API__HTP: 'x' }, flags: { 'api.htps': 'x' } }).map(formatFault)
    expect(told).toEqual([
      '--set: unknown key api.htps; did you mean api.https?',
      'MAILWOK_API__HTP: unknown key api.htp; did you mean api.http?',
    ])
  })

  test('a file that was asked for and is not there', () => {
    const result = loadConfig({ file: '/nowhere/mailwok.toml', flags: new Map() }, {})
    expect(result.ok ? [] : result.error.map((it) => it.say)).toEqual([
      expect.stringContaining('cannot be read'),
    ])
  })
})

test.each([
  ['hostnme', 'hostname'],
  ['hsotname', 'hostname'],
  ['HOSTNAME', null],
  ['x', null],
  ['datadir', 'data_dir'],
  ['quite_another', null],
])('nearest to %p is %p', (word, want) => {
  expect(nearest(word, ['hostname', 'data_dir', 'roles'])).toBe(want)
})

test('what the service manager says of itself', () => {
  const said = readSurroundings({ NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '60000000', JOURNAL_STREAM: '8:1' })
  expect(said).toEqual({ notifySocket: '/run/n', watchdog: 60_000, journal: '8:1' })
  expect(readSurroundings({})).toEqual({ notifySocket: null, watchdog: null, journal: null })
})
