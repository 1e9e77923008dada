//
// Owns: a tar in the old format that every dpkg reads (ustar): files of root, in a given order, of a given date.

const BLOCK = 512

export interface Entry {
  /** Below the root, without ./ and without a slash at the end. */
  readonly path: string
  readonly mode: number
  /** Undefined: a folder. */
  readonly octets?: Uint8Array
}

export function tar(entries: readonly Entry[], date: number): Buffer {
  const parts = entries.flatMap(({ octets, ...entry }) => {
    const size = octets?.length ?? 0
    const head = headOf({ ...entry, ...(octets ? { octets } : {}) }, date)
    return octets ? [head, octets, Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)] : [head]
  })
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

/** Every folder above these files, each before what is in it. */
export function foldersOf(files: readonly Entry[]): readonly Entry[] {
  const paths = files.flatMap(({ path }) => {
    const names = path.split('/').slice(0, -1)
    return names.map((_, count) => names.slice(0, count + 1).join('/'))
  })
  return [...new Set(paths)].toSorted().map((path) => ({ path, mode: 0o755 }))
}

function headOf({ path, mode, octets }: Entry, date: number): Buffer {
  const name = octets ? `./${path}` : `./${path}/`
  if (Buffer.byteLength(name) > 100) throw new Error(`${path}: too long for a tar`)
  const head = Buffer.alloc(BLOCK)
  head.write(name, 0)
  head.write(octal(mode, 7), 100)
  head.write(octal(0, 7), 108)
  head.write(octal(0, 7), 116)
  head.write(octal(octets?.length ?? 0, 11), 124)
  head.write(octal(date, 11), 136)
  head.write(octets ? '0' : '5', 156)
  head.write('ustar\u000000', 257)
  head.write('root', 265)
  head.write('root', 297)
  // The sum counts its own place as spaces.
  head.write('        ', 148)
  const sum = head.reduce((all, octet) => all + octet, 0)
  head.write(`${octal(sum, 6)}\u0000 `, 148)
  return head
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')
