import { describe, expect, test } from 'bun:test'
import { type AccountId, idsFor } from '../../../src/core/ids.ts'
import { Accounts } from '../../../src/services/accounts/accounts.ts'
import { Keys } from '../../../src/services/accounts/keys.ts'
import { PlanBook } from '../../../src/services/accounts/plans.ts'
import type { QueueStore } from '../../../src/store/store.ts'
import { handClock } from '../../support/clock.ts'
import { memoryDirectory } from '../../support/directory.ts'

async function house() {
  const directory = memoryDirectory()
  const clock = handClock()
  const ids = idsFor('0', () => clock.now())
  const commands: unknown[] = []
  const queue: Pick<QueueStore, 'command' | 'drop'> = {
    command: async (...asked) => commands.push(asked),
    drop: async (filter, now) => commands.push(['drop', filter, now]),
  }
  const accounts = new Accounts({
    directory,
    clock,
    ids,
    plans: new PlanBook(),
    onChanged: () => undefined,
  })
  const account = await accounts.ensureDefaultAccount()
  if (!account.ok) throw new Error(account.error)
  const node = () => new Keys({ directory, queue, clock, ids })
  return {
    accounts,
    directory,
    clock,
    commands,
    keys: node(),
    otherNode: node(),
    accountId: account.value.id,
  }
}

async function made(keys: Keys, accountId: AccountId) {
  const key = await keys.create({ accountId, name: 'shop', mode: 'live' })
  if (!key.ok) throw new Error(key.error)
  return key.value
}

describe('keys', () => {
  test('open the door of their account', async () => {
    const { keys, accountId } = await house()
    const { key, secret } = await made(keys, accountId)
    expect(await keys.authenticate(secret)).toMatchObject({
      id: key.id,
      accountId,
      mode: 'live',
      name: 'shop',
    })
    expect(secret.startsWith(key.prefix)).toBe(true)
    expect(JSON.stringify(await keys.list(accountId))).not.toContain(secret)
  })

  test('malformed ones ask nothing of the store', async () => {
    const { keys, directory } = await house()
    const before = directory.calls.reads
    for (const secret of ['', 'hello', 'mwk_live_x', 'a'.repeat(10_000)]) {
      expect(await keys.authenticate(secret)).toBeNull()
    }
    expect(directory.calls.reads).toBe(before)
  })

  test('unknown ones are nobody', async () => {
    const { keys } = await house()
    expect(await keys.authenticate(`mwk_live_${'a'.repeat(40)}`)).toBeNull()
  })

  test('in use cost one read in five seconds', async () => {
    const { keys, directory, clock, accountId } = await house()
    const { secret } = await made(keys, accountId)
    const before = directory.calls.reads
    for (let i = 0; i < 10; i++) await keys.authenticate(secret)
    expect(directory.calls.reads - before).toBe(1)
    clock.advance(5000)
    await keys.authenticate(secret)
    expect(directory.calls.reads - before).toBe(2)
  })

  test('a key made elsewhere opens at once, though it was tried before', async () => {
    const { keys, otherNode, accountId } = await house()
    const secret = `mwk_test_${'b'.repeat(40)}`
    expect(await keys.authenticate(secret)).toBeNull()
    await otherNode.ensure({ accountId, name: 'b' }, secret)
    expect(await keys.authenticate(secret)).toMatchObject({ mode: 'test' })
  })
})

describe('revoking', () => {
  test('holds at once here, within five seconds elsewhere', async () => {
    const { keys, otherNode, clock, accountId } = await house()
    const { key, secret } = await made(keys, accountId)
    expect(await otherNode.authenticate(secret)).not.toBeNull()
    expect(await keys.revoke(key.id, null)).toEqual({ ok: true, value: true })
    expect(await keys.authenticate(secret)).toBeNull()
    clock.advance(5000)
    expect(await otherNode.authenticate(secret)).toBeNull()
    expect(await keys.revoke(key.id, null)).toEqual({ ok: true, value: false })
  })

  test.each(['hold', 'drop'] as const)('can %s what the key queued', async (command) => {
    const { keys, clock, commands, accountId } = await house()
    const { key } = await made(keys, accountId)
    await keys.revoke(key.id, accountId, command)
    expect(commands).toEqual([[command, { keyId: key.id }, clock.now()]])
  })

  test('is not for other accounts', async () => {
    const { keys, commands, accountId, accounts } = await house()
    const { key, secret } = await made(keys, accountId)
    const other = await accounts.ensure('other')
    if (!other.ok) throw new Error(other.error)
    expect(await keys.revoke(key.id, other.value.id, 'drop')).toEqual({ ok: true, value: false })
    expect(await keys.authenticate(secret)).not.toBeNull()
    expect(commands).toEqual([])
  })

  test('leaves the queue alone unless asked', async () => {
    const { keys, commands, accountId } = await house()
    await keys.revoke((await made(keys, accountId)).key.id, accountId)
    expect(commands).toEqual([])
  })
})

describe('last use', () => {
  test('is written for all keys together, after a while', async () => {
    const { keys, directory, clock, accountId } = await house()
    const one = await made(keys, accountId)
    const two = await made(keys, accountId)
    const before = directory.calls.writes
    const at = clock.now()
    for (const { secret } of [one, two, one]) await keys.authenticate(secret)
    expect(directory.calls.writes).toBe(before)
    clock.advance(30_000)
    expect(directory.calls.writes).toBe(before + 1)
    expect((await keys.list(accountId)).map((key) => key.lastUsedAt)).toEqual([at, at])
    expect(clock.waits).toBe(0)
  })

  test('is written at the end as well', async () => {
    const { keys, clock, accountId } = await house()
    await keys.authenticate((await made(keys, accountId)).secret)
    await keys.flush()
    expect((await keys.list(null)).map((key) => key.lastUsedAt)).toEqual([clock.now()])
    expect(clock.waits).toBe(0)
  })
})

describe('configured keys', () => {
  const secret = `mwk_live_${'c'.repeat(32)}`

  test('are made once', async () => {
    const { keys, otherNode, accountId } = await house()
    const first = await keys.ensure({ accountId, name: 'shop' }, secret)
    const again = await otherNode.ensure({ accountId, name: 'shop' }, secret)
    expect(again).toEqual(first)
    expect(await keys.list(accountId)).toHaveLength(1)
  })

  test('stay revoked', async () => {
    const { keys, accountId } = await house()
    const first = await keys.ensure({ accountId, name: 'shop' }, secret)
    if (!first.ok) throw new Error(first.error)
    await keys.revoke(first.value.id, null)
    await keys.ensure({ accountId, name: 'shop' }, secret)
    expect(await keys.authenticate(secret)).toBeNull()
  })

  test('must look like keys', async () => {
    const { keys, accountId } = await house()
    expect(await keys.ensure({ accountId, name: 'shop' }, 'secret')).toEqual({
      ok: false,
      error: 'malformed',
    })
  })
})
