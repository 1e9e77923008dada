import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { hashOf, modeOf, newKeySecret, prefixOf } from '../../../src/services/accounts/key-secret.ts'

test.each(['live', 'test'] as const)('a new %s key', (mode) => {
  const secret = newKeySecret(mode)
  expect(secret).toMatch(new RegExp(`^mwk_${mode}_[0-9A-Za-z]{40}$`))
  expect(modeOf(secret)).toBe(mode)
  expect(prefixOf(secret)).toBe(secret.slice(0, 13))
  expect(Buffer.from(hashOf(secret)).toString('hex')).toBe(createHash('sha256').update(secret).digest('hex'))
})

test('no two are alike', () => {
  expect(new Set(Array.from({ length: 500 }, () => newKeySecret('live'))).size).toBe(500)
})

test.each([
  '',
  'mwk_live_',
  'mwk_live_short',
  `mwk_prod_${'a'.repeat(40)}`,
  `mwk_live_${'a'.repeat(39)}\n`,
  `x${'a'.repeat(500)}`,
  `mwk_live_${'a'.repeat(129)}`,
])('is no key: %j', (text) => expect(modeOf(text)).toBeNull())
