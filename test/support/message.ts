//
// Owns: looking at a message's bytes in a test without our own parser.

/** Everything before the empty line, as text; one character per octet. */
export function headerOf(bytes: Buffer): string {
  const end = bytes.indexOf('\r\n\r\n')
  return bytes.toString('latin1', 0, end === -1 ? bytes.length : end + 2)
}

export function bodyOf(bytes: Buffer): Buffer {
  const end = bytes.indexOf('\r\n\r\n')
  return end === -1 ? Buffer.alloc(0) : bytes.subarray(end + 4)
}

/** Values of all fields of that name, unfolded, in order. */
export function fieldsOf(bytes: Buffer, name: string): readonly string[] {
  const lines = headerOf(bytes)
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
  const head = `${name.toLowerCase()}:`
  return lines
    .filter((line) => line.toLowerCase().startsWith(head))
    .map((line) => line.slice(head.length).trim())
}

/** Null when there is none. */
export const fieldOf = (bytes: Buffer, name: string): string | null => fieldsOf(bytes, name)[0] ?? null

/** The message without the signatures that each attempt makes anew. */
export const unsigned = (bytes: Buffer): string =>
  bytes.toString('latin1').replace(/^DKIM-Signature:.*\r\n(?:[ \t].*\r\n)*/gim, '')
