//
// mailwok account and mailwok key, as processes on a store of their own.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { commandFolder } from '../support/command-folder.ts'

// Each command is a process of its own, on a machine that runs other suites as well.
setDefaultTimeout(60_000)

const { json, run } = commandFolder('account-', { words: [] })

test('an account is made, shown, changed, suspended, resumed and removed', async () => {
  expect(await json('account', 'add', 'shop', '--plan', 'starter')).toMatchObject({
    name: 'shop',
    state: 'active',
  })
  expect(await json('account', 'show', 'shop')).toMatchObject({
    plan: 'starter',
    limits: { mail_per_second: 10, mail_per_month: null },
    usage: { month: { mails: 0, limit: null } },
  })
  expect(await json('account', 'set', 'shop', '--name', 'store', '--plan', 'free')).toMatchObject({
    name: 'store',
  })
  expect(await json('account', 'suspend', 'store', '--reason', 'Invoice 17 is open.')).toMatchObject({
    state: 'suspended',
    reason: 'Invoice 17 is open.',
  })
  expect(
    (
      await run(
        'send',
        '--account',
        'store',
        '--from',
        'a@b.example',
        '--to',
        'c@d.example',
        '--subject',
        'x',
        '--text',
        'y',
      )
    ).code,
  ).not.toBe(0)
  expect(await json('account', 'resume', 'store')).toMatchObject({ state: 'active', reason: '' })
  expect((await run('account', 'remove', 'store', '--confirm', 'shop')).err).toContain('wants the name store')
  expect(await json('account', 'remove', 'store', '--confirm', 'store')).toMatchObject({ state: 'deleting' })
  expect((await run('account', 'suspend', 'default', '--reason', 'No.')).err).toContain('default account')
})

test('a key is made with limits, shown, changed, rotated and revoked', async () => {
  const made = await json(
    ...['key', 'create', '--name', 'news', '--scope', 'email:send', '--scope', 'stats:read'],
    ...[
      '--domain',
      'example.com',
      '--address',
      'a@b.example',
      '--network',
      '192.0.2.7/24',
      '--expires',
      '90d',
    ],
  )
  const { id, key }: { readonly id: string; readonly key: string } = made
  expect(key).toMatch(/^mwk_live_/)
  expect(made).toMatchObject({
    scopes: ['email:send', 'stats:read'],
    domains: ['example.com'],
    addresses: ['a@b.example'],
    networks: ['192.0.2.0/24'],
    expires_at: expect.any(String),
  })
  const shown = await json('key', 'show', id)
  expect(shown).toMatchObject({ id: id, state: 'active' })
  expect(JSON.stringify(shown)).not.toContain(key)
  expect(await json('key', 'set', id, '--expires', 'never', '--scope', 'all')).toMatchObject({
    scopes: ['all'],
    domains: ['example.com'],
    expires_at: null,
  })
  const next = await json('key', 'rotate', id, '--overlap', '0s')
  expect(next).toMatchObject({ name: 'news', domains: ['example.com'] })
  expect(await json('key', 'show', id)).toMatchObject({ state: 'revoked' })
  expect((await run('key', 'set', id, '--name', 'x')).err).toContain('is revoked')
  expect((await run('key', 'rotate', next.id, '--overlap', 'soon')).err).toContain('overlap is no duration')
})

test('an operator’s key is made here, for the default account alone', async () => {
  expect(await json('key', 'create', '--scope', 'operator')).toMatchObject({ scopes: ['operator'] })
  await json('account', 'add', 'other')
  const refused = await run('key', 'create', '--account', 'other', '--scope', 'operator')
  expect(refused.err).toContain('keys of the account default alone')
  expect((await run('key', 'create', '--scope', 'email:sent')).err).toContain('did you mean email:send?')
  expect((await run('key', 'create', '--expires', '2001-01-01')).err).toContain('in the past')
})
