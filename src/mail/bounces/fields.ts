//
// Owns: reading "Name: value" blocks as mail from anybody writes them: headers, delivery reports, quoted headers.
// Never: fails, or refuses what a strict reader would (mail/mime/scan.ts is strict; that is for what we send).

/** Real headers are below 20 KB; what lies beyond is not read (T16). */
const MAX_BLOCK_CHARACTERS = 100 * 1024

export class Fields {
  readonly #fields: readonly (readonly [name: string, value: string])[]

  constructor(fields: readonly (readonly [name: string, value: string])[]) {
    this.#fields = fields
  }

  /** The first such field, unfolded and trimmed; null without one or when it is empty. */
  get(name: string): string | null {
    for (const [had, value] of this.#fields) if (had === name && value !== '') return value
    return null
  }

  has(name: string): boolean {
    return this.#fields.some(([had]) => had === name)
  }

  all(name: string): readonly string[] {
    return this.#fields.filter(([had]) => had === name).map(([, value]) => value)
  }

  get names(): readonly string[] {
    return this.#fields.map(([name]) => name)
  }

  get size(): number {
    return this.#fields.length
  }
}

/** RFC 5322 §2.2: printable ASCII without colon; nobody's names are longer. */
const NAME = /^[!-9;-~]{1,76}$/

export function fieldOf(line: string): readonly [name: string, value: string] | null {
  const colon = line.indexOf(':')
  if (colon < 1 || colon > 80) return null
  const name = line.slice(0, colon).trimEnd()
  return NAME.test(name) ? [name.toLowerCase(), line.slice(colon + 1).trim()] : null
}

/** Reads a block whose lines end with LF. Lines that are no field and continue none are passed over. */
export function readFields(block: string): Fields {
  const fields: [string, string[]][] = []
  for (const line of block.slice(0, MAX_BLOCK_CHARACTERS).split('\n')) {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      fields.at(-1)?.[1].push(line.trim())
      continue
    }
    const field = fieldOf(line)
    if (field !== null) fields.push([field[0], [field[1]]])
  }
  return new Fields(fields.map(([name, lines]) => [name, lines.join(' ').trim()]))
}
