//
// Owns: secrets of webhooks as people see them, and signatures made with them, as Standard Webhooks 1.0.0 describes both. Pure.

import { createHmac } from 'node:crypto'

const PREFIX = 'whsec_'

export const secretText = (octets: Uint8Array): string => PREFIX + Buffer.from(octets).toString('base64')

/** One signature per secret, the newest first: receivers take any that fits, so a secret can be replaced. */
export function signatureHeaders(
  secrets: readonly Uint8Array[],
  what: { readonly id: string; readonly seconds: number; readonly body: string },
): Readonly<Record<string, string>> {
  const signed = `${what.id}.${what.seconds}.${what.body}`
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`,
  )
  return {
    'webhook-id': what.id,
    'webhook-timestamp': String(what.seconds),
    'webhook-signature': signatures.join(' '),
  }
}
