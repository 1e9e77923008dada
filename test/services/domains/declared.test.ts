import { afterEach, expect, test } from 'bun:test'
import { ensureDeclared } from '../../../src/services/domains/declared.ts'
import { domainHouse } from '../../support/domains.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function house() {
  const made = await domainHouse()
  closing.push(made.close)
  return made
}

const SECRET = `mwk_live_${'k'.repeat(32)}`
const key = (name: string, account = 'default', secret = SECRET) => ({ name, account, secret })

test('makes what is missing, once, however often it starts', async () => {
  const made = await house()
  const declared = {
    keys: [key('shop'), key('other shop', 'other', `mwk_test_${'t'.repeat(32)}`)],
    domains: [
      { name: 'example.com', account: 'default' },
      { name: 'Bücher.example', account: 'other' },
    ],
  }
  const first = await ensureDeclared(made, declared)
  const before = { ...made.directory.calls }
  expect(await ensureDeclared(made, declared)).toEqual(first)
  expect(made.directory.calls.writes).toBe(before.writes)
  expect((await made.accounts.list()).map((account) => account.name)).toEqual(['default', 'other'])
  expect((await made.domains.list(null)).map((domain) => String(domain.name))).toEqual([
    'example.com',
    'xn--bcher-kva.example',
  ])
  expect(await made.keys.authenticate(SECRET)).toMatchObject({ name: 'shop' })
})

test('tracking is switched as declared; what is not named stays as it was', async () => {
  const made = await house()
  const name = 'example.com'
  const tracking = async () => (await made.domains.list(null)).map((domain) => domain.tracking)
  const declare = (more: { trackOpens?: 'on' | 'off' | ''; trackClicks?: 'on' | 'off' | '' }) =>
    ensureDeclared(made, { keys: [], domains: [{ name, account: 'default', ...more }] })
  await declare({})
  expect(await tracking()).toEqual([{ opens: true, clicks: true }])
  await declare({ trackOpens: 'off', trackClicks: '' })
  expect(await tracking()).toEqual([{ opens: false, clicks: true }])
  await declare({ trackClicks: 'off' })
  expect(await tracking()).toEqual([{ opens: false, clicks: false }])
  const before = made.directory.calls.writes
  await declare({ trackOpens: 'off' })
  expect(made.directory.calls.writes).toBe(before)
  await declare({ trackOpens: 'on' })
  expect(await tracking()).toEqual([{ opens: true, clicks: false }])
})

test('a key is made with its scopes, and operator is for the default account alone', async () => {
  const made = await house()
  const declared = { keys: [{ ...key('shop'), scopes: ['email:send', 'operator'] }], domains: [] }
  expect((await ensureDeclared(made, declared)).ok).toBe(true)
  expect(await made.keys.authenticate(SECRET)).toMatchObject({ scopes: ['email:send', 'operator'] })
  const other = { ...key('spy', 'other', `mwk_live_${'s'.repeat(32)}`), scopes: ['operator'] }
  expect(await ensureDeclared(made, { keys: [other], domains: [] })).toEqual({
    ok: false,
    error: '[[key]] spy: the scope operator is for keys of the account default',
  })
})

test('a fresh store has the default account', async () => {
  const made = await house()
  const account = await ensureDeclared(made, { keys: [], domains: [] })
  expect(account).toMatchObject({ ok: true, value: { name: 'default', plan: 'unlimited' } })
})

test.each([
  [{ keys: [key('shop', 'default', 'hello')], domains: [] }, '[[key]] shop: its secret is no key'],
  [
    { keys: [key('a'), key('b', 'other')], domains: [] },
    '[[key]] b: the same secret is a key of another account',
  ],
  [{ keys: [], domains: [{ name: 'co.uk', account: 'default' }] }, '[[domain]] co.uk: belongs to everybody'],
  [
    { keys: [], domains: [{ name: 'localhost', account: 'default' }] },
    '[[domain]] localhost: is not a domain',
  ],
  [
    { keys: [], domains: ['default', 'other'].map((account) => ({ name: 'example.com', account })) },
    '[[domain]] example.com: belongs to another account than other',
  ],
])('says what is wrong: %j', async (declared, want) => {
  const said = await ensureDeclared(await house(), declared)
  expect(said).toEqual({ ok: false, error: expect.stringContaining(want) })
})
