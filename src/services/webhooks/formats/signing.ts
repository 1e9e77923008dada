//
// Owns: how a receiver knows that a post is ours, in each format: what he is shown of the secret, and the header fields or
// the frame that are made of it for each post.
//
// The secret of every webhook is 32 random octets. What a vendor's users check with is derived from them:
//   mailwok, resend   the octets themselves (Standard Webhooks; Svix differs in the names of the fields alone)
//   sendgrid          a key pair of P-256; the receiver gets the public key
//   postmark          a password for HTTP Basic
//   mailgun           a key for HMAC-SHA-256

import { createECDH, createHmac, createPrivateKey, hkdfSync, type KeyObject, sign } from 'node:crypto'
import type { WebhookFormat } from '../../../core/webhook.ts'
import { secretText, signatureHeaders } from '../../posting/signature.ts'

export interface ToSign {
  /** The event's. */
  readonly id: string
  readonly seconds: number
  readonly body: string
}

export interface Signed {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Names of fields that show a secret, and so stand in no log. */
  readonly hidden: readonly string[]
}

/** Of this order the multiples of the base point of P-256 are (SEC 2, §2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const USER = 'mailwok'

/** What the receiver checks with; shown once. */
export function shownSecret(format: WebhookFormat, octets: Uint8Array): string {
  switch (format) {
    case 'mailwok':
    case 'resend':
      return secretText(octets)
    case 'sendgrid':
      return pairOf(octets).publicKey
    case 'postmark':
      return `${USER}:${derived(octets, 'postmark', 24).toString('base64url')}`
    case 'mailgun':
      return mailgunKey(octets)
    default:
      return format satisfies never
  }
}

/** By the newest secret first; formats that know one signature take the first alone. */
export function signedFor(format: WebhookFormat, secrets: readonly Uint8Array[], what: ToSign): Signed {
  const plain = { body: what.body, hidden: [] }
  const [newest = new Uint8Array()] = secrets
  switch (format) {
    case 'mailwok':
      return { ...plain, headers: signatureHeaders(secrets, what) }
    case 'resend': {
      const standard = signatureHeaders(secrets, what)
      const named = Object.entries(standard).map(([name, value]) => [
        name.replace('webhook-', 'svix-'),
        value,
      ])
      return { ...plain, headers: Object.fromEntries(named) }
    }
    case 'sendgrid':
      return { ...plain, headers: sendgridHeaders(newest, what) }
    case 'postmark': {
      const pair = Buffer.from(shownSecret('postmark', newest)).toString('base64')
      return { ...plain, headers: { authorization: `Basic ${pair}` }, hidden: ['authorization'] }
    }
    case 'mailgun':
      return { headers: {}, body: mailgunFrame(newest, what), hidden: [] }
    default:
      return format satisfies never
  }
}

const derived = (octets: Uint8Array, purpose: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', octets, new Uint8Array(), `mailwok webhook ${purpose}`, length))

interface Pair {
  readonly privateKey: KeyObject
  /** SubjectPublicKeyInfo in base64, as SendGrid shows it. */
  readonly publicKey: string
}

/** A pair costs more than the signature; secrets live as long as their webhook is known. */
const pairs = new WeakMap<Uint8Array, Pair>()

function pairOf(octets: Uint8Array): Pair {
  const known = pairs.get(octets)
  if (known) return known
  // 16 octets more than the order has, so that no scalar is noticeably likelier (FIPS 186-5, A.2.1).
  const wide = BigInt(`0x${derived(octets, 'sendgrid', 48).toString('hex')}`)
  const scalar = Buffer.from(((wide % (ORDER - 1n)) + 1n).toString(16).padStart(64, '0'), 'hex')
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(scalar)
  const point = curve.getPublicKey()
  const coordinate = (from: number) => point.subarray(from, from + 32).toString('base64url')
  const privateKey = createPrivateKey({
    format: 'jwk',
    key: { kty: 'EC', crv: 'P-256', d: scalar.toString('base64url'), x: coordinate(1), y: coordinate(33) },
  })
  const pair = { privateKey, publicKey: Buffer.concat([SPKI_P256, point]).toString('base64') }
  pairs.set(octets, pair)
  return pair
}

/** What stands before an uncompressed point of P-256 in a SubjectPublicKeyInfo (RFC 5480 §2). */
const SPKI_P256 = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex')

function sendgridHeaders(secret: Uint8Array, { body, seconds }: ToSign): Record<string, string> {
  const key = pairOf(secret).privateKey
  const signature = sign('sha256', Buffer.from(`${seconds}${body}`), { key, dsaEncoding: 'der' })
  return {
    'x-twilio-email-event-webhook-signature': signature.toString('base64'),
    'x-twilio-email-event-webhook-timestamp': String(seconds),
  }
}

const mailgunKey = (octets: Uint8Array): string => derived(octets, 'mailgun', 16).toString('hex')

/** The token is another one for each event and time, so that a receiver can refuse what he saw before. */
function mailgunFrame(secret: Uint8Array, { body, id, seconds }: ToSign): string {
  const token = createHmac('sha256', secret).update(`${id} ${seconds}`).digest('hex').slice(0, 50)
  const timestamp = String(seconds)
  const signature = createHmac('sha256', mailgunKey(secret))
    .update(timestamp + token)
    .digest('hex')
  return `{"signature":${JSON.stringify({ timestamp, token, signature })},"event-data":${body}}`
}
