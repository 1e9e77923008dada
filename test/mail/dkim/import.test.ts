import { describe, expect, test } from 'bun:test'
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { readPrivateKey } from '../../../src/mail/dkim/import.ts'

const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })
const RSA = rsa(2048)
const ED = generateKeyPairSync('ed25519')
const spki = RSA.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const edRaw = ED.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
const seed = ED.privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32)

const pem = (type: 'pkcs1' | 'pkcs8') => RSA.privateKey.export({ type, format: 'pem' }).toString()
const der = (type: 'pkcs1' | 'pkcs8') => RSA.privateKey.export({ type, format: 'der' })

describe('a private key is read', () => {
  test.each([
    ['PKCS#8, as rspamd and opendkim-genkey of today write it', pem('pkcs8')],
    ['PKCS#1, as OpenDKIM, Postal and openssl genrsa write it', pem('pkcs1')],
    ['with CRLF and blanks around', `\r\n ${pem('pkcs1').replaceAll('\n', '\r\n')} \n`],
    ['bare base64 of PKCS#8', der('pkcs8').toString('base64')],
    [
      'bare base64 of PKCS#1, in lines',
      der('pkcs1')
        .toString('base64')
        .replace(/(.{64})/g, '$1\n'),
    ],
  ])('RSA: %s', (_name, text) => {
    const read = readPrivateKey(text)
    if (!read.ok) throw new Error(read.error)
    expect(read.value.algorithm).toBe('rsa-sha256')
    expect(read.value.publicKey).toBe(spki)
    expect(createPublicKey(createPrivateKey(read.value.privateKey)).equals(RSA.publicKey)).toBe(true)
  })

  test.each([
    ['PKCS#8 PEM', ED.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['its seed', seed.toString('base64')],
    ['its seed with the public half behind', Buffer.concat([seed, edRaw]).toString('base64')],
  ])('Ed25519: %s', (_name, text) => {
    const read = readPrivateKey(text)
    if (!read.ok) throw new Error(read.error)
    expect(read.value.algorithm).toBe('ed25519-sha256')
    expect(read.value.publicKey).toBe(edRaw.toString('base64'))
    const said = Buffer.from('said')
    const signature = sign(null, said, createPrivateKey(read.value.privateKey))
    expect(verify(null, said, ED.publicKey, signature)).toBe(true)
  })
})

describe('is refused', () => {
  test.each([
    ['too-short', rsa(1024).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
    ['too-short', rsa(2047).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['public', RSA.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ['public', `v=DKIM1; k=rsa; p=${spki}`],
    [
      'encrypted',
      RSA.privateKey
        .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
        .toString(),
    ],
    [
      'other-kind',
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    ],
    ['unreadable', ''],
    ['unreadable', 'hello'],
    ['unreadable', pem('pkcs1').slice(0, 400)],
    ['unreadable', 'A'.repeat(20_000)],
    ['unreadable', Buffer.concat([seed, Buffer.alloc(32, 1)]).toString('base64')],
  ] as const)('%s', (why, text) => {
    expect(readPrivateKey(text)).toEqual({ ok: false, error: why })
  })

  test('whatever else it is, without an exception', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.base64String(),
          fc.uint8Array().map((octets) => Buffer.from(octets).toString('base64')),
        ),
        (text) => {
          const read = readPrivateKey(text)
          // 32 octets are a seed, whatever they are.
          if (read.ok) expect(read.value.algorithm).toBe('ed25519-sha256')
        },
      ),
      { numRuns: 500 },
    )
  })
})
