//
// Owns: private keys made ready for signing, and the making of new ones (RFC 6376 §3.3, RFC 8463).
// Never: files and stores; keys come in and go out as text.

import { createPrivateKey, generateKeyPair, hash, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { DkimAlgorithm } from '../../core/account.ts'
import type { Domain } from '../../core/address.ts'

export interface PrivateKeyText {
  readonly domain: Domain
  readonly selector: string
  readonly algorithm: DkimAlgorithm
  /** PKCS#8 PEM. */
  readonly privateKey: string
}

/** Parsed once, used for every message of its domain. */
export interface PreparedKey {
  readonly domain: Domain
  readonly selector: string
  readonly algorithm: DkimAlgorithm
  /** Who computes: for the log and the metrics. */
  readonly engine: 'node' | 'libcrypto'
  /** Why it is not the accelerator, where one was offered. */
  readonly reason: string | null
  sign(bytes: Uint8Array): Buffer
}

/** Something quicker than node:crypto at RSA; or why it cannot take this key. */
export interface RsaAccelerator {
  prepare(key: KeyObject): ((bytes: Uint8Array) => Buffer) | { readonly reason: string }
}

/** Throws on text that is no private key of that algorithm: our own store held it, so it is a bug. */
export function prepareKey(text: PrivateKeyText, accelerator: RsaAccelerator | null = null): PreparedKey {
  const key = createPrivateKey(text.privateKey)
  const { domain, selector, algorithm } = text
  const wanted = algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'
  if (key.asymmetricKeyType !== wanted) {
    throw new Error(`the key ${selector}._domainkey.${domain} is ${key.asymmetricKeyType}; want ${wanted}`)
  }
  const named = { domain, selector, algorithm }
  if (algorithm === 'ed25519-sha256') {
    // RFC 8463 §3: Ed25519 signs the SHA-256 of the data, not the data.
    return {
      ...named,
      engine: 'node',
      reason: null,
      sign: (bytes) => sign(null, hash('sha256', bytes, 'buffer'), key),
    }
  }
  const byNode = (bytes: Uint8Array): Buffer => sign('sha256', bytes, key)
  if (accelerator === null) return { ...named, engine: 'node', reason: null, sign: byNode }
  const quick = accelerator.prepare(key)
  return typeof quick === 'function'
    ? { ...named, engine: 'libcrypto', reason: null, sign: quick }
    : { ...named, engine: 'node', reason: quick.reason, sign: byNode }
}

export interface GeneratedKey {
  /** PKCS#8 PEM. */
  readonly privateKey: string
  /** What p= publishes. */
  readonly publicKey: string
}

/** RFC 8301 §3.2 asks for at least 1024 and recommends 2048; 4096 does not fit one DNS answer everywhere. */
const RSA_BITS = 2048

const makeKeyPair = promisify(generateKeyPair)

/** On the thread pool: the search for two primes takes up to a second, and this thread serves others. */
export async function generateKey(algorithm: DkimAlgorithm): Promise<GeneratedKey> {
  if (algorithm === 'rsa-sha256') {
    const { privateKey, publicKey } = await makeKeyPair('rsa', { modulusLength: RSA_BITS })
    return {
      privateKey: pemOf(privateKey),
      publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    }
  }
  const { privateKey, publicKey } = await makeKeyPair('ed25519', {})
  // RFC 8463 §4: the 32 octets themselves, which end their SubjectPublicKeyInfo.
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  return { privateKey: pemOf(privateKey), publicKey: raw.toString('base64') }
}

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
