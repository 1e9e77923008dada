//
// Owns: throw-away certificates for tests, one per host name and process.

import { generate } from 'selfsigned'

const made = new Map<string, Promise<{ key: string; cert: string }>>()

export function selfSigned(hostname: string): Promise<{ key: string; cert: string }> {
  const known = made.get(hostname)
  if (known !== undefined) return known
  const fresh = generate([{ name: 'commonName', value: hostname }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: hostname }] }],
  }).then((pair) => ({ key: pair.private, cert: pair.cert }))
  made.set(hostname, fresh)
  return fresh
}
