//
// Owns: what mode capture has written: finding a copy, and removing the oldest beyond an age and a size.
// Never: removes a file that capture did not write.

import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type DeliveryId, messageOf, parseDeliveryId, timeOf } from '../../core/ids.ts'
import { HOUR, type Milliseconds } from '../../core/time.ts'
import { capturedFile } from '../../net/delivery/capture.ts'

export interface CaptureBounds {
  /** Counted from the time at which the message was accepted. */
  readonly keep: Milliseconds
  /** Octets of all files together. */
  readonly most: number
}

export interface Swept {
  readonly removed: number
  readonly octets: number
}

/** Files that are asked about together: the thread pool has others to serve. */
const AT_ONCE = 32
/** Names that are read between two turns of the thread that serves everybody. */
const AT_A_TURN = 2000
/** A file that is not whole by then belongs to a node that died. */
const UNFINISHED: Milliseconds = HOUR

interface Kept {
  readonly name: string
  readonly acceptedAt: Milliseconds
  readonly isWhole: boolean
}

export class CapturedMail {
  readonly #folder: string
  /** Written once, they never change. */
  #sizes = new Map<string, number>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Null: it was not captured, or is there no more. */
  async read(delivery: DeliveryId): Promise<Buffer | null> {
    return readFile(capturedFile(this.#folder, delivery)).catch(unlessMissing)
  }

  async sweep(now: Milliseconds, { keep, most }: CaptureBounds): Promise<Swept> {
    const kept = await this.#list()
    await this.#measure(kept)
    const isOld = ({ acceptedAt, isWhole }: Kept): boolean =>
      acceptedAt <= now - (isWhole ? keep : Math.min(keep, UNFINISHED))
    const gone = kept.filter(isOld)
    let octets = this.#octetsOf(kept) - this.#octetsOf(gone)
    if (octets > most) {
      // One that is being written now has no size yet, and is nobody's oldest.
      const left = kept
        .filter((one) => one.isWhole && !isOld(one))
        .sort((a, b) => a.acceptedAt - b.acceptedAt)
      for (const one of left) {
        if (octets <= most) break
        gone.push(one)
        octets -= this.#sizeOf(one.name)
      }
    }
    await this.#remove(gone)
    return { removed: gone.length, octets }
  }

  async #list(): Promise<Kept[]> {
    const names = (await readdir(this.#folder).catch(unlessMissing)) ?? []
    const kept: Kept[] = []
    for (let from = 0; from < names.length; from += AT_A_TURN) {
      kept.push(...names.slice(from, from + AT_A_TURN).flatMap((name) => keptOf(name) ?? []))
      await turn()
    }
    return kept
  }

  async #measure(kept: readonly Kept[]): Promise<void> {
    const before = this.#sizes
    this.#sizes = new Map()
    const fresh: Kept[] = []
    for (const one of kept) {
      const size = before.get(one.name)
      if (size !== undefined) this.#sizes.set(one.name, size)
      else if (one.isWhole) fresh.push(one)
    }
    await inTurns(fresh, async ({ name }) => {
      const facts = await stat(join(this.#folder, name)).catch(unlessMissing)
      if (facts) this.#sizes.set(name, facts.size)
    })
  }

  async #remove(gone: readonly Kept[]): Promise<void> {
    await inTurns(gone, async ({ name }) => {
      await rm(join(this.#folder, name), { force: true })
      this.#sizes.delete(name)
    })
  }

  #octetsOf(files: readonly Kept[]): number {
    return files.reduce((sum, { name }) => sum + this.#sizeOf(name), 0)
  }

  #sizeOf(name: string): number {
    return this.#sizes.get(name) ?? 0
  }
}

const turn = () => new Promise((done) => setImmediate(done))

async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += AT_ONCE) {
    await Promise.all(all.slice(from, from + AT_ONCE).map(work))
  }
}

/** Null: a file of somebody else. */
function keptOf(name: string): Kept | null {
  const [, id = '', part] = /^(.+)\.eml(\.part)?$/.exec(name) ?? []
  const delivery = parseDeliveryId(id)
  return delivery && { name, acceptedAt: timeOf(messageOf(delivery)), isWhole: part === undefined }
}

function unlessMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
