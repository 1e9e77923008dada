//
// Owns: RSA signatures by the system's OpenSSL 3 through bun:ffi. With AVX-512 IFMA, or with AVX2 on AMD's Zen, they
// cost little more than half of what node:crypto takes; elsewhere nothing may be won, so the first key is a trial.
// Never: needed. No library, another version, no gain, or a signature that differs by one bit gives a
// reason, and the caller goes on with node:crypto. The only file that may import bun:ffi.

import { CString, dlopen, FFIType, ptr } from 'bun:ffi'
import { hash, type KeyObject, sign } from 'node:crypto'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { RsaAccelerator } from './key.ts'

/** The soname with OpenSSL 3's ABI; a bare `libcrypto.so` could be any version. */
const SONAME = 'libcrypto.so.3'
/** RSA_PKCS1_PADDING of openssl/rsa.h: RFC 6376 §3.3.1 wants PKCS#1 v1.5. */
const PKCS1_PADDING = 1
/** OPENSSL_VERSION of openssl/crypto.h. */
const FULL_VERSION = 0
const SHA256_OCTETS = 32

const { ptr: P, i32: INT, i64: LONG, u64: SIZE, void: NOTHING } = FFIType

const SYMBOLS = {
  OpenSSL_version: { args: [INT], returns: P },
  EVP_sha256: { args: [], returns: P },
  d2i_AutoPrivateKey: { args: [P, P, LONG], returns: P },
  EVP_PKEY_get_size: { args: [P], returns: INT },
  EVP_PKEY_CTX_new: { args: [P, P], returns: P },
  EVP_PKEY_sign_init: { args: [P], returns: INT },
  EVP_PKEY_CTX_set_rsa_padding: { args: [P, INT], returns: INT },
  EVP_PKEY_CTX_set_signature_md: { args: [P, P], returns: INT },
  EVP_PKEY_sign: { args: [P, P, P, P, SIZE], returns: INT },
  EVP_PKEY_CTX_free: { args: [P], returns: NOTHING },
  EVP_PKEY_free: { args: [P], returns: NOTHING },
} as const

type Calls = ReturnType<typeof dlopen<typeof SYMBOLS>>['symbols']

export interface Libcrypto extends RsaAccelerator {
  /** Such as `OpenSSL 3.0.15 3 Sep 2024`. */
  readonly version: string
}

/** Monotonic time, finer than a millisecond, for the trial; null skips it and takes the library as it is. */
export type Stopwatch = (() => Milliseconds) | null

/**
 * OpenSSL multiplies with ADX where the CPU has it, and with AVX2 only where it has not. On AMD's Zen AVX2 is the quicker
 * by two thirds (1,380 against 830 signatures a second on one core), and the ADX way is what node:crypto goes
 * already: so the library is told that there is no ADX, and the trial compares the two ways. Read once, when the
 * library is loaded; what the operator has set stays. AVX-512 IFMA wins over both and is not touched by it.
 */
const CAPABILITIES = { name: 'OPENSSL_ia32cap\0', value: ':~0x80000\0' } as const

function preferAvx2(): void {
  const { setenv } = dlopen('libc.so.6', { setenv: { args: [P, P, INT], returns: INT } }).symbols
  const [name, value] = [Buffer.from(CAPABILITIES.name), Buffer.from(CAPABILITIES.value)]
  setenv(ptr(name), ptr(value), 0)
}

/** Each worker thread opens its own; the library stays loaded as long as the process. */
export function openLibcrypto(stopwatch: Stopwatch, soname = SONAME): Result<Libcrypto, string> {
  try {
    preferAvx2()
    const calls = dlopen(soname, SYMBOLS).symbols
    const text = calls.OpenSSL_version(FULL_VERSION)
    const version = text === null ? '' : new CString(text).toString()
    if (!version.startsWith('OpenSSL 3.'))
      return fault(`${soname} is ${version || 'nameless'}; want OpenSSL 3`)
    return ok({ version, prepare: preparer(calls, stopwatch) })
  } catch (error) {
    return fault(sayWhy(error))
  }
}

type Signer = (bytes: Uint8Array) => Buffer
interface Declined {
  readonly reason: string
}

function preparer(calls: Calls, stopwatch: Stopwatch): (key: KeyObject) => Signer | Declined {
  const collected = new FinalizationRegistry<Handle>((handle) => release(calls, handle))
  let worthwhile: boolean | null = stopwatch === null ? true : null
  return (key) => {
    if (worthwhile === false) return NO_GAIN
    const handle = open(calls, key)
    if (typeof handle === 'string') return { reason: handle }
    const signer = signerOf(calls, handle)
    collected.register(signer, handle)
    const fault = faultOf(key, signer)
    if (fault !== null) return { reason: fault }
    if (worthwhile === null && stopwatch !== null) worthwhile = isQuicker(signer, key, stopwatch)
    return worthwhile ? signer : NO_GAIN
  }
}

const NO_GAIN: Declined = { reason: 'it is not quicker on this CPU' }
/** Some 25 ms, once per thread: the first key often comes with a burst, when few rounds are undisturbed. */
const TRIAL_ROUNDS = 16
/**
 * Below this the difference is noise, and node:crypto needs no foreign code. Some of Zen gain an eighth: with a tenth
 * asked for, one thread in ten of a busy machine declined it.
 */
const WORTHWHILE_GAIN = 0.95

/** The best of some rounds each, in turns: what else the machine does can only make a round slower. */
function isQuicker(signer: Signer, key: KeyObject, stopwatch: () => Milliseconds): boolean {
  let theirs = Number.POSITIVE_INFINITY
  let ours = Number.POSITIVE_INFINITY
  for (let round = 0; round < TRIAL_ROUNDS; round++) {
    const start = stopwatch()
    signer(KNOWN_TEXT)
    const middle = stopwatch()
    sign('sha256', KNOWN_TEXT, key)
    theirs = Math.min(theirs, middle - start)
    ours = Math.min(ours, stopwatch() - middle)
  }
  return theirs < ours * WORTHWHILE_GAIN
}

const KNOWN_TEXT = Buffer.from('MailWok signs this to itself before it signs for others.')

/**
 * PKCS#1 v1.5 signatures are deterministic: agreeing with node:crypto to the last bit on a known text
 * proves the key, the padding, the digest and our calls at once.
 */
function faultOf(key: KeyObject, signer: Signer): string | null {
  try {
    return signer(KNOWN_TEXT).equals(sign('sha256', KNOWN_TEXT, key))
      ? null
      : 'its signature differs from ours'
  } catch (error) {
    return sayWhy(error)
  }
}

const sayWhy = (error: unknown): string => (error instanceof Error ? error.message : String(error))

type Address = NonNullable<ReturnType<Calls['EVP_PKEY_CTX_new']>>

interface Handle {
  readonly key: Address
  readonly context: Address
  readonly octets: number
}

/** Parses the key and sets a context up once: EVP_PKEY_sign may be called on it again and again. */
function open(calls: Calls, key: KeyObject): Handle | string {
  const der = key.export({ type: 'pkcs8', format: 'der' })
  const cursor = new BigUint64Array([BigInt(ptr(der))])
  const parsed = calls.d2i_AutoPrivateKey(null, ptr(cursor), der.length)
  der.fill(0)
  if (parsed === null) return 'it cannot read the key'
  const context = calls.EVP_PKEY_CTX_new(parsed, null)
  if (context === null) {
    calls.EVP_PKEY_free(parsed)
    return 'it has no room for a context'
  }
  const handle = { key: parsed, context, octets: calls.EVP_PKEY_get_size(parsed) }
  const ready =
    calls.EVP_PKEY_sign_init(context) === 1 &&
    calls.EVP_PKEY_CTX_set_rsa_padding(context, PKCS1_PADDING) === 1 &&
    calls.EVP_PKEY_CTX_set_signature_md(context, calls.EVP_sha256()) === 1
  if (ready) return handle
  release(calls, handle)
  return 'it does not take RSA with PKCS#1 padding and SHA-256'
}

function release(calls: Calls, handle: Handle): void {
  calls.EVP_PKEY_CTX_free(handle.context)
  calls.EVP_PKEY_free(handle.key)
}

/** The two small buffers and their addresses are made once; only the signature itself is new each time. */
function signerOf(calls: Calls, handle: Handle): Signer {
  const signature = Buffer.alloc(handle.octets)
  const length = new BigUint64Array(1)
  return (bytes) => {
    const digest = hash('sha256', bytes, 'buffer')
    length[0] = BigInt(handle.octets)
    const done = calls.EVP_PKEY_sign(handle.context, ptr(signature), ptr(length), ptr(digest), SHA256_OCTETS)
    // A private key that signed before does not stop by itself: out of memory, or the process is damaged.
    if (done !== 1) throw new Error(`libcrypto refused to sign (${done})`)
    return Buffer.from(signature.subarray(0, Number(length[0])))
  }
}
