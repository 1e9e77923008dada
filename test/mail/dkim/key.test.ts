import { describe, expect, test } from 'bun:test'
import { createPrivateKey, createPublicKey, verify } from 'node:crypto'
import { generateKey, prepareKey } from '../../../src/mail/dkim/key.ts'
import { domain } from '../../support/dkim.ts'

describe('generated keys', () => {
  test('RSA: 2048 bits, p= is SubjectPublicKeyInfo', async () => {
    const made = await generateKey('rsa-sha256')
    const key = createPublicKey({ key: Buffer.from(made.publicKey, 'base64'), format: 'der', type: 'spki' })
    expect(key.asymmetricKeyType).toBe('rsa')
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048)
    const bytes = Buffer.from('text')
    const named = { domain: domain('example.com'), selector: 's', algorithm: 'rsa-sha256' } as const
    const signature = prepareKey({ ...named, privateKey: made.privateKey }).sign(bytes)
    expect(verify('sha256', bytes, key, signature)).toBe(true)
  })

  test('Ed25519: p= is the 32 octets themselves (RFC 8463 §4)', async () => {
    const made = await generateKey('ed25519-sha256')
    expect(Buffer.from(made.publicKey, 'base64')).toHaveLength(32)
    const jwk = createPublicKey(createPrivateKey(made.privateKey)).export({ format: 'jwk' })
    expect(Buffer.from(String(jwk['x']), 'base64url').toString('base64')).toBe(made.publicKey)
  })
})

test('a key of the wrong kind is a bug and says which key', async () => {
  const { privateKey } = await generateKey('ed25519-sha256')
  const named = { domain: domain('example.com'), selector: 'mw1r', algorithm: 'rsa-sha256' } as const
  expect(() => prepareKey({ ...named, privateKey })).toThrow(
    'mw1r._domainkey.example.com is ed25519; want rsa',
  )
})
