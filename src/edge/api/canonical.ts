//
// Owns: the hash by which two bodies count as the same for an Idempotency-Key: key order and spacing do not matter.

/** SHA-256 in hex of the value with its object keys sorted. */
export const bodyHash = (body: unknown): string =>
  new Bun.CryptoHasher('sha256').update(JSON.stringify(sorted(body))).digest('hex')

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
