//
// Owns: writing one kind of certificate: self-signed, ECDSA P-256, for a server (RFC 5280, DER of X.690). Pure but
// for the key pair and the serial number, which are made from the system's cryptographic source.
// Written by hand: the library that was tried (selfsigned) brings fourteen packages and fails under Bun, where two
// copies of its schema package do not know each other's types; what is needed is this page.

import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { Certificate } from '../../core/certificate.ts'
import { DAY, HOUR, type Milliseconds } from '../../core/time.ts'
import { bitString, der, ECDSA_WITH_SHA256, extension, generalName, oid, pem, sequence, TAG } from './der.ts'

export interface SelfSignedFacts {
  /** Host names and literal addresses; the first is the subject's name as well. */
  readonly names: readonly string[]
  readonly now: Milliseconds
}

/** Longer than a year is refused by some clients whoever signed (CA/Browser Forum: 398 days). */
export const SELF_SIGNED_LIFE: Milliseconds = 365 * DAY
/** A client whose clock is a little behind must not find it not yet valid. */
const BACKDATED: Milliseconds = HOUR
/** RFC 5280 appendix A, ub-common-name. */
const MAX_COMMON_NAME = 64

export function selfSigned({ names, now }: SelfSignedFacts): Certificate {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' })
  const commonName = (names[0] ?? 'localhost').slice(0, MAX_COMMON_NAME)
  const subject = sequence(
    der(TAG.set, sequence(oid(0x55, 0x04, 0x03), der(TAG.utf8, Buffer.from(commonName)))),
  )
  const toBeSigned = sequence(
    der(0xa0, der(TAG.integer, Buffer.from([2]))), // v3
    der(TAG.integer, serialNumber()),
    ECDSA_WITH_SHA256,
    subject,
    sequence(time(now - BACKDATED), time(now + SELF_SIGNED_LIFE)),
    subject,
    publicKey,
    der(0xa3, extensions(names, publicKey)),
  )
  const signature = sign('sha256', toBeSigned, pair.privateKey)
  const certificate = sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(signature))
  return {
    cert: pem('CERTIFICATE', certificate),
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/**
 * No key usage is named: with one that lacks keyCertSign, OpenSSL no longer takes the certificate for its own issuer,
 * and whoever gives it to a client as its trust anchor is refused.
 */
function extensions(names: readonly string[], publicKey: Buffer): Buffer {
  // RFC 5280 §4.2.1.2 method 1 hashes the key's bits; they end the structure, 65 octets of an uncompressed point.
  const keyId = createHash('sha1').update(publicKey.subarray(-65)).digest()
  const basicConstraints = sequence(
    oid(0x55, 0x1d, 0x13),
    der(TAG.boolean, Buffer.from([0xff])),
    der(TAG.octetString, sequence()),
  )
  const serverAuth = sequence(oid(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01))
  return sequence(
    basicConstraints,
    extension(oid(0x55, 0x1d, 0x25), serverAuth),
    extension(oid(0x55, 0x1d, 0x0e), der(TAG.octetString, keyId)),
    extension(oid(0x55, 0x1d, 0x23), sequence(der(0x80, keyId))),
    extension(oid(0x55, 0x1d, 0x11), sequence(...names.map(generalName))),
  )
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets; a client that knows an older one must not take it for the same. */
function serialNumber(): Buffer {
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  return serial
}

/** RFC 5280 §4.1.2.5: two digits of the year up to 2049, four from then on. */
function time(at: Milliseconds): Buffer {
  const digits = `${new Date(at).toISOString().replace(/\.\d+Z$|[-:T]/g, '')}Z`
  return Number(digits.slice(0, 4)) < 2050
    ? der(TAG.utcTime, Buffer.from(digits.slice(2)))
    : der(TAG.generalizedTime, Buffer.from(digits))
}
