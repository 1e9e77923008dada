//
// mailwok user and mailwok audit, as processes on a store of their own.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { commandFolder } from '../support/command-folder.ts'
import { mailwok } from '../support/command-line.ts'

// Each command is a process of its own, on a machine that runs other suites as well.
setDefaultTimeout(60_000)

const { folder, json, run } = commandFolder('user-')

test('the first owner is invited, others are made with a password, and all of it is written down', async () => {
  const invited = await json('user', 'add', 'Ann@example.com', '--role', 'admin')
  expect(invited).toMatchObject({
    address: 'ann@example.com',
    account: 'default',
    role: 'admin',
    id: null,
    posted: false,
  })
  expect(invited.link).toBe(`https://mail.example.net/accept-invitation#${invited.token}`)
  const args = ['user', 'add', 'bob@example.com', '--name', 'Bob', '--password-stdin']
  const short = await mailwok(args, { cwd: folder, stdin: 'short\n' })
  expect([short.code, short.err]).toEqual([1, 'mailwok: password "…": wants 10 to 256 characters\n'])
  const made = await mailwok(args, { cwd: folder, stdin: 'a horse that is correct\n' })
  expect(made.code).toBe(0)
  expect(await json('user', 'list')).toMatchObject([
    { address: 'bob@example.com', name: 'Bob', role: 'owner', state: 'active', two_factor: false },
  ])
  expect((await run('user', 'role', 'bob@example.com', 'viewer')).err).toContain('an account keeps an owner')
  expect(await json('user', 'disable', 'bob@example.com')).toEqual({
    address: 'bob@example.com',
    state: 'disabled',
  })
  expect(await json('user', 'enable', 'BOB@example.com')).toEqual({
    address: 'bob@example.com',
    state: 'active',
  })
  const reset = await json('user', 'reset', 'bob@example.com', '--codes')
  expect(reset).toMatchObject({ address: 'bob@example.com', codes_removed: true })
  expect(reset.link).toStartWith('https://mail.example.net/reset-password#mwr_')

  const rows: readonly { action: string; actor: string; subject: string; fields: string[] }[] = await json(
    'audit',
    'list',
  )
  expect(rows.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
    'cli userReset bob@example.com',
    'cli userState BOB@example.com',
    'cli userState bob@example.com',
    'cli userAdd bob@example.com',
    'cli userAdd Ann@example.com',
  ])
  expect(new Set(rows.map(({ actor }) => actor))).toEqual(new Set([`cli:${process.getuid?.()}`]))
  expect(JSON.stringify(rows)).not.toMatch(/horse|mw[ir]_/)
  expect(await json('audit', 'list', '--action', 'cli userState', '--limit', '1')).toHaveLength(1)
})

test('what cannot be meant is said', async () => {
  expect((await run('user', 'add', 'nonsense')).err).toContain('want an address')
  expect((await run('user', 'add', 'a@example.com', '--role', 'king')).code).toBe(2)
  expect((await run('user', 'disable', 'nobody@example.com')).err).toContain('mailwok user list')
  expect((await run('user', 'add', 'a@example.com', '--account', 'none')).err).toContain(
    'mailwok account list',
  )
  expect((await run('audit', 'list', '--limit', '0')).code).toBe(2)
})
