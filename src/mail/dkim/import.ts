//
// Owns: reading a DKIM private key as other mail servers keep it: PEM in PKCS#8 or PKCS#1 (OpenDKIM, rspamd, Postal,
// opendkim-genkey), bare base64 of either, or the base64 seed of an Ed25519 key (RFC 8463 §4, RFC 8032 §5.1.5).
// Never: files, or a word of the key in a fault.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { DkimAlgorithm } from '../../core/account.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { GeneratedKey } from './key.ts'

export interface ImportedKey extends GeneratedKey {
  readonly algorithm: DkimAlgorithm
}

export type ImportFault =
  /** No private key in any form that is known. */
  | 'unreadable'
  | 'encrypted'
  /** The public half, or a DNS record. */
  | 'public'
  /** RFC 8301 §3.2 allows 1024 for old keys; large receivers give such signatures little, and they can be broken. */
  | 'too-short'
  /** Verifiers need not take more than 4096. */
  | 'too-long'
  /** A kind of key that DKIM does not know. */
  | 'other-kind'

const LEAST_BITS = 2048
const MOST_BITS = 4096
/** A PEM of 4096 bits has 3.3 KB. */
const MOST_TEXT = 16_384
const SEED_OCTETS = 32
/** What stands before the seed in PKCS#8 (RFC 8410 §7). */
const ED25519_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

export function readPrivateKey(text: string): Result<ImportedKey, ImportFault> {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.length > MOST_TEXT) return fault('unreadable')
  if (/-----BEGIN (?:RSA )?PUBLIC KEY-----|^v=DKIM1|\bp=[A-Za-z0-9+/]{20}/m.test(trimmed))
    return fault('public')
  if (/ENCRYPTED/.test(trimmed)) return fault('encrypted')
  const key = keyIn(trimmed)
  return key === null ? fault('unreadable') : ofKind(key)
}

function keyIn(text: string): KeyObject | null {
  if (text.includes('-----BEGIN')) return tried(() => createPrivateKey(text))
  const octets = Buffer.from(text.replace(/\s+/g, ''), 'base64')
  // The seed, or with the public half behind it as some tools keep it.
  if (octets.length === SEED_OCTETS || octets.length === 2 * SEED_OCTETS) {
    const der = Buffer.concat([ED25519_HEAD, octets.subarray(0, SEED_OCTETS)])
    const key = tried(() => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
    if (key === null || octets.length === SEED_OCTETS) return key
    return rawPublic(key).equals(octets.subarray(SEED_OCTETS)) ? key : null
  }
  return (
    tried(() => createPrivateKey({ key: octets, format: 'der', type: 'pkcs8' })) ??
    tried(() => createPrivateKey({ key: octets, format: 'der', type: 'pkcs1' }))
  )
}

function ofKind(key: KeyObject): Result<ImportedKey, ImportFault> {
  const privateKey = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  if (key.asymmetricKeyType === 'ed25519') {
    const publicKey = rawPublic(key).toString('base64')
    return ok({ algorithm: 'ed25519-sha256', privateKey, publicKey })
  }
  if (key.asymmetricKeyType !== 'rsa') return fault('other-kind')
  const bits = bitsOf(key)
  if (bits < LEAST_BITS) return fault('too-short')
  if (bits > MOST_BITS) return fault('too-long')
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')
  return ok({ algorithm: 'rsa-sha256', privateKey, publicKey })
}

const rawPublic = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-SEED_OCTETS)

function bitsOf(key: KeyObject): number {
  const { n = '' } = createPublicKey(key).export({ format: 'jwk' })
  const octets = Buffer.from(n, 'base64url')
  const [first = 0] = octets
  return octets.length * 8 - (Math.clz32(first) - 24)
}

function tried(make: () => KeyObject): KeyObject | null {
  try {
    return make()
  } catch {
    return null
  }
}
