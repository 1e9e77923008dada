//
// The command line as a process, without a node: on a store of its own.

import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandFolder } from '../support/command-folder.ts'
import { mailwok } from '../support/command-line.ts'

// Each command is a process of its own, on a machine that runs other suites as well.
setDefaultTimeout(30_000)

const { folder, run, json } = commandFolder('', { dns: 'timeout = "50ms"' })

describe('usage', () => {
  test.concurrent.each([
    [['nonsense'], 2],
    [['key', 'nonsense'], 2],
    [['key', 'revoke'], 2],
    [['send', '--from', 'a@b.example'], 2],
    [['queue', 'drop'], 2],
    [['queue', 'list', '--limit', 'x'], 2],
    [['inbound', 'route', 'add', 'support@example.com'], 2],
    [['report', 'list', '--kind', 'x'], 2],
    [['--help'], 0],
    [['key', '--help'], 0],
    [['--version'], 0],
  ] as const)('%p ends with %i', async (args, code) => {
    expect((await run(...args)).code).toBe(code)
  })

  test('with --json a wrong word is one object on stderr', async () => {
    const { code, out, err } = await run('key', 'nonsense', '--json')
    expect([code, out]).toEqual([2, ''])
    expect(JSON.parse(err)).toEqual({
      error: { code: 'usage', message: expect.stringContaining('nonsense') },
    })
  })
})

test('source list: the choice of the system, and what this machine has', async () => {
  const [chosen] = await json('source', 'list')
  expect(chosen).toMatchObject({ address: '', hostname: 'mail.example.net', pool: 'default', used: true })
  expect(await json('source', 'list', '--provider', 'google.com')).toMatchObject([{ warmups: [] }])
})

describe('config', () => {
  test('check is content with a good file', async () => {
    expect(await json('config', 'check')).toEqual({ ok: true, file: join(folder, 'mailwok.toml') })
  })

  test('check tells every fault and ends with 3', async () => {
    writeFileSync(join(folder, 'bad.toml'), '[server]\nhostnme = "x"\n[api]\nhttp = "8080"\n')
    const { code, err } = await run('config', 'check', '--config', 'bad.toml')
    expect(code).toBe(3)
    expect(err).toContain('bad.toml:2:1: unknown key server.hostnme; did you mean server.hostname?')
    expect(err).toContain('bad.toml:4:1: api.http is "8080"; want address:port')
    const asJson = await run('config', 'check', '--config', 'bad.toml', '--json')
    expect([asJson.code, JSON.parse(asJson.out).faults.length]).toEqual([3, 2])
  })

  test('any other command refuses to go on with a bad file', async () => {
    const { code, err } = await run('status', '--config', 'bad.toml')
    expect(code).toBe(1)
    expect(err).toContain('unknown key')
  })

  test('show --origin names where a value came from', async () => {
    const rows: { key: string; value: string; origin: string }[] = await json(
      ...['config', 'show', '--origin', '--set', 'delivery.mx_port=2525'],
    )
    const row = (key: string) => rows.find((it) => it.key === key)
    expect(row('server.hostname')?.origin).toBe('./mailwok.toml:2')
    expect(row('delivery.mx_port')).toMatchObject({ value: '2525', origin: '--set' })
    expect(row('delivery.warmup')?.origin).toBe('default')
  })

  test('default prints the example', async () => {
    const { out } = await run('config', 'default')
    expect(out).toBe(readFileSync(join(import.meta.dir, '../../mailwok.example.toml'), 'utf8'))
  })
})

describe('a store without a node', () => {
  test('accounts', async () => {
    expect(await json('account', 'list')).toMatchObject([{ name: 'default', plan: 'unlimited' }])
    expect(await json('account', 'add', 'shop', '--plan', 'free')).toMatchObject({
      name: 'shop',
      plan: 'free',
    })
    expect(await json('account', 'set', 'shop', '--plan', 'starter')).toMatchObject({ plan: 'starter' })
    const again = await run('account', 'add', 'shop', '--json')
    expect([again.code, JSON.parse(again.err).error.code]).toEqual([1, 'exists'])
    const odd = await run('account', 'add', 'other', '--plan', 'odd', '--json')
    expect(JSON.parse(odd.err).error.code).toBe('unknown_plan')
  })

  test('keys: shown once, listed by prefix, revoked for good', async () => {
    const made = await json('key', 'create', '--account', 'default', '--json')
    expect(made.key).toMatch(/^mwk_live_[0-9A-Za-z]{40}$/)
    const tried = await json('key', 'create', '--test', '--name', 'ci')
    expect(tried).toMatchObject({ mode: 'test', name: 'ci', account: 'default' })
    const listed = await run('key', 'list')
    expect(listed.out).not.toContain(made.key)
    expect(
      JSON.parse(listed.out)
        .map((it: { id: string }) => it.id)
        .sort(),
    ).toEqual([made.id, tried.id].sort())
    expect(await json('key', 'revoke', made.id, '--queued', 'hold')).toEqual({ id: made.id, revoked: true })
    expect(await json('key', 'revoke', made.prefix)).toEqual({ id: made.id, revoked: false })
    expect((await run('key', 'revoke', 'mwk_nobody')).code).toBe(1)
  })

  test('domains: what to publish, and that it is not there yet', async () => {
    const records: { type: string; name: string; value: string; purpose: string }[] = await json(
      ...['domain', 'add', 'example.com', '--json'],
    )
    expect(records.length).toBeGreaterThanOrEqual(5)
    for (const record of records) {
      for (const part of ['type', 'name', 'value', 'purpose'] as const) expect(record[part]).not.toBe('')
    }
    expect(records.filter((it) => it.value.startsWith('v=DKIM1'))).toHaveLength(4)
    const again: { name: string }[] = await json('domain', 'dns', 'example.com')
    const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).sort()
    expect(names(again)).toEqual(names(records))
    expect(await json('domain', 'list')).toMatchObject([{ name: 'example.com', verified: false }])
    const looked = await run('domain', 'verify', 'example.com')
    expect(looked.code).toBe(3)
    expect((await run('domain', 'add', 'localhost')).code).toBe(2)
    expect((await run('domain', 'dns', 'example.org')).code).toBe(1)
  })

  test('inbound routes: a webhook gets a secret that is shown once', async () => {
    const made = await json('inbound', 'route', 'add', 'help@example.com', '--webhook', 'https://a.example/m')
    expect(made).toMatchObject({ pattern: 'help@example.com', action: 'webhook', account: 'default' })
    expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const forward = await json('inbound', 'route', 'add', '*@example.com', '--forward', 'team@example.net')
    expect(forward.secret).toBeNull()
    const listed = await run('inbound', 'route', 'list')
    expect(listed.out).not.toContain('whsec_')
    expect(JSON.parse(listed.out).map((row: { pattern: string }) => row.pattern)).toEqual([
      '*@example.com',
      'help@example.com',
    ])
    expect(await json('inbound', 'route', 'remove', 'Help@Example.com')).toEqual({
      pattern: 'Help@Example.com',
    })
    expect((await run('inbound', 'route', 'remove', 'help@example.com')).code).toBe(1)
    expect((await run('inbound', 'route', 'open', '*@example.com')).code).toBe(1)
  })

  test('inbound routes and reports: wrong usage ends with 2', async () => {
    const wrong = [
      ['inbound', 'route', 'add', 'help@example.com'],
      [
        'inbound',
        'route',
        'add',
        'help@example.com',
        '--forward',
        'a@b.example',
        '--webhook',
        'https://a.example',
      ],
      ['report', 'list', '--kind', 'spf'],
      ['report', 'list', '--limit', '0'],
    ]
    for (const words of wrong) expect((await run(...words)).code).toBe(2)
    expect(await json('report', 'list', '--kind', 'dmarc', '--domain', 'example.com')).toEqual([])
    expect((await run('report', 'show', 'rep_none')).code).toBe(1)
  })

  test('a message waits in the queue, is looked at, held and dropped', async () => {
    const set = ['--set', 'domains.require_verification=false']
    const sent = await json(
      ...[
        'send',
        '--from',
        'Ada <ada@example.com>',
        '--to',
        'bob@example.net',
        '--subject',
        'Hi',
        '--text',
        'x',
      ],
      ...set,
    )
    expect(sent.status).toBe('queued')
    expect(sent.message_id).toMatch(/^msg_[0-9a-z]{12}$/)
    expect(await json('queue', 'list')).toMatchObject({
      waiting: 1,
      destinations: [{ destination: 'example.net' }],
    })
    const shown = await json('message', 'show', sent.message_id)
    expect(shown.deliveries).toMatchObject([{ recipient: 'bob@example.net', state: 'queued' }])
    expect(await json('queue', 'show', sent.message_id)).toMatchObject([
      { recipient: 'bob@example.net', state: 'queued', attempts: 0, last_error: null },
    ])
    expect(await json('queue', 'retry', '--domain', 'example.net', '--stream', 'transactional')).toEqual({
      moved: 1,
    })
    expect(await json('queue', 'flush', '--campaign', 'spring')).toEqual({ moved: 0 })
    expect(await json('queue', 'flush')).toEqual({ moved: 1 })
    expect(await json('queue', 'hold', '--message', sent.message_id)).toEqual({ moved: 1 })
    expect(await json('queue', 'release', '--destination', 'example.net')).toEqual({ moved: 1 })
    expect(await json('queue', 'drop', '--all')).toEqual({ moved: 1 })
    expect((await run('message', 'show', 'msg_000000000000')).code).toBe(1)
    expect((await run('message', 'explain', 'nonsense')).code).toBe(2)
  })

  test('status says that no node runs', async () => {
    const { code, out } = await run('status')
    expect(code).toBe(3)
    expect(JSON.parse(out)).toMatchObject({ running: false, ready: false, store: { engine: 'sqlite' } })
  })

  test('a backup comes back', async () => {
    const { files } = await json('backup', 'create', 'copy')
    expect(files.toSorted()).toEqual(['mailwok.db', 'mailwok.toml', 'secret'])
    expect(existsSync(join(folder, 'copy', 'backup.json'))).toBe(true)
    expect((await run('backup', 'create', 'copy')).code).toBe(1)
    expect(statSync(join(folder, 'copy', 'secret')).mode & 0o777).toBe(0o600)
    expect((await run('backup', 'restore', 'copy')).code).toBe(1)
    await json('account', 'add', 'later')
    await json('backup', 'restore', 'copy', '--replace')
    const names = (await json('account', 'list')).map((it: { name: string }) => it.name)
    expect(names.sort()).toEqual(['default', 'shop'])
    expect(existsSync(join(folder, 'data/mailwok.db.before-restore'))).toBe(true)
    expect((await run('backup', 'restore', 'nowhere')).code).toBe(1)
  })
})

describe('where there is no store', () => {
  const empty = mkdtempSync(join(tmpdir(), 'mailwok-cli-empty-'))
  afterAll(() => rmSync(empty, { recursive: true, force: true }))
  writeFileSync(
    join(empty, 'mailwok.toml'),
    `[server]\nhostname = "mail.example.net"\ndata_dir = "${empty}/data"\n[api]\nadmin_socket = "${empty}/admin.sock"\n`,
  )
  test.each([
    [['status'], 3],
    [['queue', 'list'], 1],
    [['domain', 'list'], 1],
    [['message', 'show', 'msg_mwsuuzu20001'], 1],
    [['suppression', 'list'], 1],
  ] as const)('%p says so, ends with %i and makes none', async (args, code) => {
    const ran = await mailwok([...args], { cwd: empty })
    expect([ran.code, ran.out, ran.err]).toEqual([
      code,
      '',
      `mailwok: no node runs, and there is no store at ${empty}/data/mailwok.db; mailwok serve makes one, if this is the right configuration\n`,
    ])
    expect(existsSync(join(empty, 'data'))).toBe(false)
  })

  test('what sets up a server makes one', async () => {
    expect((await mailwok(['account', 'add', 'customer'], { cwd: empty })).code).toBe(0)
    expect((await mailwok(['status'], { cwd: empty })).out).toContain('"reason":"not running"')
  })
})
