//
// Owns: the request for a certificate (PKCS#10, RFC 2986): ECDSA P-256, names as subjectAltName alone. Pure but for the
// signature.

import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import { bitString, der, ECDSA_WITH_SHA256, extension, generalName, oid, sequence, TAG } from './der.ts'

/** PKCS #9 extensionRequest (RFC 2985 §5.4.2). */
const EXTENSION_REQUEST = oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e)
const SUBJECT_ALT_NAME = oid(0x55, 0x1d, 0x11)

/** The subject stays empty: a common name is no longer wanted (CA/Browser Forum), and has room for 64 characters only. */
export function certificateRequest(names: readonly string[], key: KeyObject): Buffer {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const alternatives = sequence(extension(SUBJECT_ALT_NAME, sequence(...names.map(generalName))))
  const info = sequence(
    der(TAG.integer, Buffer.of(0)),
    sequence(),
    publicKey,
    der(0xa0, sequence(EXTENSION_REQUEST, der(TAG.set, alternatives))),
  )
  return sequence(info, ECDSA_WITH_SHA256, bitString(sign('sha256', info, key)))
}
