//
// Owns: HMAC-SHA-256 for tokens. A key is read once: two are made per message, and setting a key up costs more than the rest.

const keyed = new WeakMap<Uint8Array, Bun.CryptoHasher>()

export function macOf(key: Uint8Array, text: string): Buffer {
  let prepared = keyed.get(key)
  if (prepared === undefined) {
    prepared = new Bun.CryptoHasher('sha256', key)
    keyed.set(key, prepared)
  }
  return prepared.copy().update(text).digest()
}
