//
// Owns: how a request to a certification authority is signed (RFC 7515, RFC 8555 §6.2): ES256 by the account's key, and
// HS256 where an account of the outside world is bound to it. Pure.

import {
  createHash,
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto'

export interface AccountKey {
  readonly key: KeyObject
  /** Public, its members in the order of RFC 7638 §3.2. */
  readonly jwk: Jwk
  /** RFC 7638, SHA-256: stands in every answer to a challenge. */
  readonly thumbprint: string
}

interface Jwk {
  readonly crv: string
  readonly kty: string
  readonly x: string
  readonly y: string
}

/** Who signs: a known account by its URL, else by the key itself. */
export interface Signing {
  readonly account: AccountKey
  readonly url: string
  readonly nonce: string
  /** Null: the account is not made yet. */
  readonly kid: string | null
}

export interface Binding {
  readonly kid: string
  /** As the authority gives it: base64url. */
  readonly macKey: string
}

export const freshKeyPem = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()

export function accountKeyOf(pem: string): AccountKey {
  const key = createPrivateKey(pem)
  const { crv = '', kty = '', x = '', y = '' } = key.export({ format: 'jwk' })
  const jwk: Jwk = { crv, kty, x, y }
  return { key, jwk, thumbprint: createHash('sha256').update(JSON.stringify(jwk)).digest('base64url') }
}

/** `payload` null: POST-as-GET (RFC 8555 §6.3). */
export function signedBody(payload: unknown, { account, url, nonce, kid }: Signing): string {
  const header = { alg: 'ES256', nonce, url, ...(kid === null ? { jwk: account.jwk } : { kid }) }
  return flattened(header, payload === null ? '' : JSON.stringify(payload), (input) =>
    // RFC 7518 §3.4: r and s beside each other, not in DER.
    sign('sha256', input, { key: account.key, dsaEncoding: 'ieee-p1363' }),
  )
}

/** RFC 8555 §7.3.4: the account's key, signed with the key that the authority handed out. */
export function boundTo({ kid, macKey }: Binding, account: AccountKey, url: string): unknown {
  const secret = Buffer.from(macKey, 'base64url')
  const header = { alg: 'HS256', kid, url }
  return JSON.parse(
    flattened(header, JSON.stringify(account.jwk), (input) =>
      createHmac('sha256', secret).update(input).digest(),
    ),
  )
}

function flattened(header: unknown, payload: string, signature: (input: Buffer) => Buffer): string {
  const head = Buffer.from(JSON.stringify(header)).toString('base64url')
  const body = Buffer.from(payload).toString('base64url')
  const signed = signature(Buffer.from(`${head}.${body}`)).toString('base64url')
  return JSON.stringify({ protected: head, payload: body, signature: signed })
}
