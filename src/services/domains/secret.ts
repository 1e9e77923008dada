//
// Owns: what the master secret is good for: sealing what is stored, and keys for signing tokens (decision 13).
// Never: files (secret-file.ts), and never the master secret itself outside this closure.
//
// AES-256-GCM (NIST SP 800-38D); each purpose has a key of its own by HKDF-SHA256 (RFC 5869), so what was
// sealed for one purpose cannot be opened for another, nor a token of one kind pass for one of another.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { fault, ok, type Result } from '../../core/result.ts'

export type SealFault =
  /** Not ours, or of a later version. */
  | 'unreadable'
  /** Sealed with a master secret that is neither the current one nor an old one. */
  | 'other-secret'
  /** Changed since, or sealed for another purpose. */
  | 'damaged'

export interface Secrets {
  /** The purpose is bound in: name the row, such as `dkim mw1r._domainkey.example.com`, so rows cannot be swapped. */
  seal(purpose: string, bytes: Uint8Array): Uint8Array
  /** Opens what any of the secrets has sealed. */
  open(purpose: string, sealed: Uint8Array): Result<Uint8Array, SealFault>
  /** 32 octets for signing tokens of this purpose. */
  deriveKey(purpose: string): Uint8Array
  /** The current key and those of old secrets, newest first: a link in a mail must work for years. */
  deriveKeys(purpose: string): readonly Uint8Array[]
}

export const MASTER_OCTETS = 32
const VERSION = 1
const NAME_OCTETS = 4
/** SP 800-38D §8.2.2: random nonces of 96 bits are good for 2^32 seals a key; each row has a key of its own. */
const NONCE_OCTETS = 12
const TAG_OCTETS = 16
const HEAD_OCTETS = 1 + NAME_OCTETS

interface Master {
  readonly secret: Uint8Array
  /** Tells which secret has sealed something, without telling anything of the secret. */
  readonly name: Buffer
}

/** The current master secret first, then the old ones. */
export function secretsOf(masters: readonly [Uint8Array, ...Uint8Array[]]): Secrets {
  const [current, ...old] = masters.map(masterOf)
  if (current === undefined) throw new Error('there is no master secret')
  const all = [current, ...old]
  return {
    seal: (purpose, bytes) => sealWith(current, purpose, bytes),
    open(purpose, sealed) {
      if (sealed.length < HEAD_OCTETS + NONCE_OCTETS + TAG_OCTETS || sealed[0] !== VERSION) {
        return fault('unreadable')
      }
      const name = sealed.subarray(1, HEAD_OCTETS)
      const master = all.find((each) => each.name.equals(name))
      return master ? openWith(master, purpose, sealed) : fault('other-secret')
    },
    deriveKey: (purpose) => derive(current.secret, `token ${purpose}`),
    deriveKeys: (purpose) => all.map((each) => derive(each.secret, `token ${purpose}`)),
  }
}

function masterOf(secret: Uint8Array): Master {
  if (secret.length !== MASTER_OCTETS) throw new Error(`a master secret has ${MASTER_OCTETS} octets`)
  return { secret, name: derive(secret, 'name').subarray(0, NAME_OCTETS) }
}

function sealWith(master: Master, purpose: string, bytes: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_OCTETS)
  const head = Buffer.concat([Buffer.of(VERSION), master.name])
  const cipher = createCipheriv('aes-256-gcm', derive(master.secret, `seal ${purpose}`), nonce)
  cipher.setAAD(head)
  return Buffer.concat([head, nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

function openWith(master: Master, purpose: string, sealed: Uint8Array): Result<Uint8Array, SealFault> {
  const nonceEnd = HEAD_OCTETS + NONCE_OCTETS
  const textEnd = sealed.length - TAG_OCTETS
  const key = derive(master.secret, `seal ${purpose}`)
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(HEAD_OCTETS, nonceEnd), {
    authTagLength: TAG_OCTETS,
  })
  decipher.setAAD(sealed.subarray(0, HEAD_OCTETS))
  decipher.setAuthTag(sealed.subarray(textEnd))
  try {
    return ok(Buffer.concat([decipher.update(sealed.subarray(nonceEnd, textEnd)), decipher.final()]))
  } catch {
    return fault('damaged')
  }
}

const derive = (secret: Uint8Array, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, 'mailwok', info, MASTER_OCTETS))
