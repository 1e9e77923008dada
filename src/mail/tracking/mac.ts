//
// Owns: HMAC-SHA-256 for tokens, and how it stands in a local part. A key is read once: two are made per message, and setting a
// key up costs more than the rest.

const keyed = new WeakMap<Uint8Array, Bun.CryptoHasher>()

export function macOf(key: Uint8Array, text: string): Buffer {
  let prepared = keyed.get(key)
  if (prepared === undefined) {
    prepared = new Bun.CryptoHasher('sha256', key)
    keyed.set(key, prepared)
  }
  return prepared.copy().update(text).digest()
}

/** RFC 4648 §6, lower case: hosts on the way may change the case of a local part (RFC 5321 §2.4 forbids it; some do). */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** The first bits of one in base 32, five a character: the octet that they begin in and the next one hold them. */
export function inBase32(mac: Buffer, characters: number): string {
  let text = ''
  for (let bit = 0; text.length < characters; bit += 5) {
    const pair = ((mac[bit >> 3] ?? 0) << 8) | (mac[(bit >> 3) + 1] ?? 0)
    text += BASE32[(pair >> (11 - (bit & 7))) & 31] ?? ''
  }
  return text
}
