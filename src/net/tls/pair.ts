//
// Owns: whether a certificate and a key belong together, and what the certificate says of itself. Pure.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import ipaddr from 'ipaddr.js'
import type { Certificate } from '../../core/certificate.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'

export interface PairFacts {
  /** Host names in lower case and canonical addresses, sorted. */
  readonly names: readonly string[]
  readonly notAfter: Milliseconds
}

export type PairFault = 'bad-certificate' | 'bad-key' | 'strangers'

export function readPair({ cert, key }: Certificate): Result<PairFacts, PairFault> {
  const leaf = certificateOrNull(cert)
  if (!leaf) return fault('bad-certificate')
  const privateKey = keyOrNull(key)
  if (!privateKey) return fault('bad-key')
  if (!leaf.checkPrivateKey(privateKey)) return fault('strangers')
  return ok({ names: namesOf(leaf.subjectAltName ?? ''), notAfter: leaf.validToDate.getTime() })
}

/** The same names in the same order as `PairFacts.names`, whatever spelling they came in. */
export const sortedNames = (names: readonly string[]): readonly string[] =>
  [...new Set(names.map(spelled))].sort()

// The runtime throws on what it cannot read: a parser's expected end, so it becomes a value right here.
function certificateOrNull(cert: string): X509Certificate | null {
  try {
    return new X509Certificate(cert)
  } catch {
    return null
  }
}

function keyOrNull(key: string): KeyObject | null {
  try {
    return createPrivateKey(key)
  } catch {
    return null
  }
}

/** `DNS:a.example, IP Address:0:0:0:0:0:0:0:1`, as the runtime prints it. */
function namesOf(alternatives: string): readonly string[] {
  const names = alternatives.split(', ').flatMap((entry) => {
    const name = /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1]
    return name === undefined ? [] : [name]
  })
  return sortedNames(names)
}

const spelled = (name: string): string =>
  ipaddr.isValid(name) ? ipaddr.parse(name).toString() : name.toLowerCase()
