//
// Owns: which fields of a vendor's requests are understood, and what is said of those that are not: nothing is dropped
// without a word. The tables are in each vendor's folder; docs/moving.md shows them.

import { nearest } from '../../core/nearest.ts'
import type { FieldFault } from '../../services/submission/refusal.ts'

export interface Mapped {
  /** What it becomes, in the words of MailWok. */
  readonly to: string
  /** A value that works. */
  readonly example: unknown
  readonly note?: string
  /** Names within it are the sender's own. */
  readonly open?: true
}

export interface NotMapped {
  /** Why it is refused and what to use instead; goes on from the name of the field. */
  readonly refused: string
  /** A value that is refused. */
  readonly example: unknown
  /** Values by which nothing is asked for. */
  readonly harmless?: readonly unknown[]
}

export type Field = Mapped | NotMapped
/** By path, such as `attachments[].filename`; a name that ends in `*` stands for all that begin so. */
export type FieldTable = Readonly<Record<string, Field>>

export const isMapped = (field: Field): field is Mapped => 'to' in field

const MOST = 20
const LONGEST = 100

export class Fields {
  readonly #table: FieldTable
  readonly #known: ReadonlySet<string>
  readonly #families: readonly string[]
  readonly #byCase: ReadonlyMap<string, string>

  constructor(table: FieldTable) {
    this.#table = table
    this.#known = knownPaths(Object.keys(table))
    this.#byCase = new Map(Object.keys(table).map((path) => [path.toLowerCase(), path]))
    this.#families = Object.keys(table).filter((path) => path.endsWith('*'))
  }

  /** What of this body is not understood. */
  faults(body: unknown): FieldFault[] {
    const faults: FieldFault[] = []
    this.#walk(body, { path: '', generic: '' }, faults)
    return faults
  }

  #at(path: string): Field | undefined {
    if (Object.hasOwn(this.#table, path)) return this.#table[path]
    // Names of header fields have none.
    const cased = path.startsWith('h:') ? this.#byCase.get(path.toLowerCase()) : undefined
    if (cased !== undefined) return this.#table[cased]
    const family = this.#families.find((each) => path.startsWith(each.slice(0, -1)))
    return family === undefined ? undefined : this.#table[family]
  }

  #walk(value: unknown, place: Place, faults: FieldFault[]): void {
    if (value === null || value === undefined || faults.length >= MOST) return
    const field = this.#at(place.generic)
    if (field && !isMapped(field)) {
      if (field.harmless?.includes(value)) return
      faults.push({ path: place.path, code: 'not_available', message: field.refused })
    } else if (Array.isArray(value)) {
      for (const [at, one] of value.entries()) this.#walk(one, element(place, at), faults)
    } else if (typeof value === 'object' && !field?.open) {
      this.#members(value, place, faults)
    }
  }

  #members(value: object, place: Place, faults: FieldFault[]): void {
    for (const [name, inner] of Object.entries(value)) {
      if (faults.length >= MOST) return
      const at = member(place, name)
      if (this.#known.has(at.generic) || this.#at(at.generic)) this.#walk(inner, at, faults)
      else if (inner !== undefined) faults.push(unknown(at.path, name, namesIn(this.#known, place.generic)))
    }
  }
}

interface Place {
  /** As it stands in the request. */
  readonly path: string
  /** As it stands in the table. */
  readonly generic: string
}

const element = ({ generic, path }: Place, at: number): Place => ({
  path: `${path}[${at}]`,
  generic: `${generic}[]`,
})

const member = ({ generic, path }: Place, name: string): Place => ({
  path: path === '' ? name : `${path}.${name}`,
  generic: generic === '' ? name : `${generic}.${name}`,
})

function unknown(path: string, name: string, siblings: readonly string[]): FieldFault {
  // What is longer than any name of ours is near none.
  const near = name.length > LONGEST ? null : nearest(name, siblings)
  const hint = near ? `; did you mean ${near}?` : ''
  return {
    path: path.slice(0, 200).toWellFormed(),
    code: 'unknown_field',
    message: `is not a known field${hint}`,
  }
}

/** With all that lies above them. */
function knownPaths(paths: readonly string[]): ReadonlySet<string> {
  const known = new Set<string>()
  for (const path of paths) {
    for (let at = path; at !== ''; at = at.replace(/(?:\.[^.[]+|\[\]|^[^.[]+)$/, '')) known.add(at)
  }
  return known
}

const namesIn = (known: ReadonlySet<string>, generic: string): string[] =>
  [...known]
    .filter((path) => (generic === '' ? !/[.[]/.test(path) : path.startsWith(`${generic}.`)))
    .map((path) => path.slice(generic === '' ? 0 : generic.length + 1).replace(/[.[].*$/, ''))
