//
// Owns: how an API key looks, and what of it is kept: its SHA-256 and its first characters.
// A key has 238 bits of chance, so one SHA-256 is enough: there is nothing to guess that argon2 could slow down.
// Look-up is by hash: an attacker who could time it would learn of hashes that he cannot aim at.

import { hash, randomInt } from 'node:crypto'
import type { KeyMode } from '../../core/account.ts'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const RANDOM_CHARACTERS = 40
/** Configured keys may be shorter than ours, but not guessable; longer ones are not worth a hash. */
const FORM = /^mwk_(live|test)_[0-9A-Za-z]{16,128}$/
/** `mwk_live_` and four more: enough to tell keys apart, too little to help anybody. */
const PREFIX_CHARACTERS = 13

export function newKeySecret(mode: KeyMode): string {
  // randomInt draws from the system's generator and is even over 62; a remainder of a byte would not be.
  const random = Array.from({ length: RANDOM_CHARACTERS }, () => BASE62.charAt(randomInt(BASE62.length)))
  return `mwk_${mode}_${random.join('')}`
}

/** The mode that a key names, or null for what is none. */
export function modeOf(secret: string): KeyMode | null {
  const mode = FORM.exec(secret)?.[1]
  return mode === 'live' || mode === 'test' ? mode : null
}

export const prefixOf = (secret: string): string => secret.slice(0, PREFIX_CHARACTERS)

export const hashOf = (secret: string): Uint8Array => hash('sha256', secret, 'buffer')
