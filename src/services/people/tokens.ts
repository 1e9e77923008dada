//
// Owns: how tokens of people look: sessions (mws_), invitations (mwi_), resets of passwords (mwr_), and what of them is
// kept: their SHA-256. They have 238 bits of chance, as API keys have (accounts/key-secret.ts).

import { hash, randomInt } from 'node:crypto'

export type TokenKind = 'mws' | 'mwi' | 'mwr'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const CHARACTERS = 40

export interface Token {
  /** Told once, to whom it is for. */
  readonly text: string
  readonly hash: Uint8Array
}

export function newToken(kind: TokenKind): Token {
  const random = Array.from({ length: CHARACTERS }, () => BASE62.charAt(randomInt(BASE62.length)))
  const text = `${kind}_${random.join('')}`
  return { text, hash: hash('sha256', text, 'buffer') }
}

/** What to look for in the store; null for what is none of that kind. */
export const tokenHash = (kind: TokenKind, text: string): Uint8Array | null =>
  text.length === kind.length + 1 + CHARACTERS && text.startsWith(`${kind}_`) && /^\w+$/.test(text)
    ? hash('sha256', text, 'buffer')
    : null

/**
 * What a page sends beside the cookie (double submit): only who could read the answer to the login knows it. It is the
 * token's own, so that nothing more has to be kept.
 */
export const csrfOf = (token: string): string => hash('sha256', `csrf ${token}`, 'base64url')
