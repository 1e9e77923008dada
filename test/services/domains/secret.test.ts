import { afterAll, describe, expect, test } from 'bun:test'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { type Secrets, secretsOf } from '../../../src/services/domains/secret.ts'
import { openMasterSecret } from '../../../src/services/domains/secret-file.ts'

const one = secretsOf([Buffer.alloc(32, 1)])
const two = secretsOf([Buffer.alloc(32, 2), Buffer.alloc(32, 1)])
const text = Buffer.from('-----BEGIN PRIVATE KEY-----')

describe('sealing', () => {
  test('opens what it sealed, for the same purpose only', () => {
    const sealed = one.seal('dkim a', text)
    expect(one.open('dkim a', sealed)).toEqual({ ok: true, value: text })
    expect(one.open('dkim b', sealed)).toEqual({ ok: false, error: 'damaged' })
    expect(Buffer.from(sealed).includes(text)).toBe(false)
  })

  test('never seals the same way twice', () => {
    expect(one.seal('a', text)).not.toEqual(one.seal('a', text))
  })

  test('old secrets go on opening; new ones seal', () => {
    const old = one.seal('a', text)
    expect(two.open('a', old)).toEqual({ ok: true, value: text })
    expect(one.open('a', two.seal('a', text))).toEqual({ ok: false, error: 'other-secret' })
  })

  test('any changed octet is found', () => {
    const sealed = one.seal('a', text)
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(one.open('a', changed).ok).toBe(false)
    }
  })

  test('any octets are refused without an exception', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => !one.open('a', octets).ok))
  })
})

describe('derived keys', () => {
  test('differ by purpose and by secret, and stay the same', () => {
    const hex = (secrets: Secrets, purpose: string): string =>
      Buffer.from(secrets.deriveKey(purpose)).toString('hex')
    expect(hex(one, 'verp')).toHaveLength(64)
    expect(hex(one, 'verp')).toBe(hex(secretsOf([Buffer.alloc(32, 1)]), 'verp'))
    expect(new Set([hex(one, 'verp'), hex(one, 'click'), hex(two, 'verp')]).size).toBe(3)
    expect(two.deriveKeys('verp')).toEqual([two.deriveKey('verp'), one.deriveKey('verp')])
  })
})

describe('the file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mailwok-secret-'))
  afterAll(() => rm(folder, { recursive: true }))
  const refusal = async (file: string): Promise<string> => {
    const opened = await openMasterSecret(file)
    return opened.ok ? 'opened' : opened.error
  }

  test('is made once, for the owner alone, and read again', async () => {
    const file = join(folder, 'new', 'secret')
    const first = await openMasterSecret(file)
    const again = await openMasterSecret(file)
    if (!first.ok || !again.ok) throw new Error('not opened')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(folder, 'new'))).toEqual(['secret'])
    expect(again.value.open('a', first.value.seal('a', text))).toEqual({ ok: true, value: text })
  })

  test('is the same for all that start at once', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => openMasterSecret(join(folder, 'race'))))
    const keys = opened.map((each) =>
      each.ok ? Buffer.from(each.value.deriveKey('a')).toString('hex') : each.error,
    )
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toHaveLength(64)
  })

  test('is refused when others may read it', async () => {
    const file = join(folder, 'open')
    await openMasterSecret(file)
    await chmod(file, 0o640)
    expect(await refusal(file)).toBe(
      `${file} can be read or changed by others (mode 0640); run: chmod 600 ${file}`,
    )
  })

  test.each([
    ['empty', ''],
    ['too short', 'c2hvcnQ=\n'],
    ['second line is nothing', `${Buffer.alloc(32).toString('base64')}\nhello\n`],
  ])('is refused when it is %s, and left as it is', async (name, content) => {
    const file = join(folder, name)
    await writeFile(file, content, { mode: 0o600 })
    expect(await refusal(file)).toContain('want 32 octets in base64')
    expect(await readFile(file, 'utf8')).toBe(content)
  })

  test('says which path it cannot use', async () => {
    await writeFile(join(folder, 'plain'), '')
    expect(await refusal(join(folder, 'plain', 'secret'))).toContain(join(folder, 'plain', 'secret'))
  })
})
