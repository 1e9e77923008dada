//
// Owns: the length and SHA-256 of a file of any size, a part at a time, so that nobody else on the thread waits.

import { createHash } from 'node:crypto'

export interface Digest {
  readonly octets: number
  readonly sha256: string
}

export async function digestOf(
  path: string,
  onOctets: (octets: number) => void = () => undefined,
): Promise<Digest> {
  const hash = createHash('sha256')
  let octets = 0
  for await (const part of Bun.file(path).stream()) {
    hash.update(part)
    octets += part.length
    onOctets(part.length)
  }
  return { octets, sha256: hash.digest('hex') }
}
