//
// Owns: what mode capture has written: finding a copy, and removing the oldest beyond an age and a size.
// Never: removes a file that capture did not write.

import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type DeliveryId, parseDeliveryId } from '../../core/ids.ts'
import { HOUR, type Milliseconds } from '../../core/time.ts'
import { capturedFile } from '../../net/delivery/capture.ts'

export interface CaptureBounds {
  /** Counted from the time at which it was written: it may have been accepted long before, for that time. */
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

interface Named {
  readonly name: string
  readonly isWhole: boolean
}
interface Facts {
  readonly size: number
  readonly writtenAt: Milliseconds
}
type Kept = Named & Facts

export class CapturedMail {
  readonly #folder: string
  /** Of whole ones: written once, they never change. */
  #known = new Map<string, Facts>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Null: it was not captured, or is there no more. */
  async read(delivery: DeliveryId): Promise<Buffer | null> {
    return readFile(capturedFile(this.#folder, delivery)).catch(unlessMissing)
  }

  async sweep(now: Milliseconds, { keep, most }: CaptureBounds): Promise<Swept> {
    const kept = await this.#measured(await this.#list())
    const isOld = ({ isWhole, writtenAt }: Kept): boolean =>
      writtenAt <= now - (isWhole ? keep : Math.min(keep, UNFINISHED))
    const gone = kept.filter(isOld)
    let octets = octetsOf(kept) - octetsOf(gone)
    if (octets > most) {
      // One that is being written now is nobody's oldest.
      const left = kept.filter((one) => one.isWhole && !isOld(one)).sort((a, b) => a.writtenAt - b.writtenAt)
      for (const one of left) {
        if (octets <= most) break
        gone.push(one)
        octets -= one.size
      }
    }
    await this.#remove(gone)
    return { removed: gone.length, octets }
  }

  async #list(): Promise<Named[]> {
    const names = (await readdir(this.#folder).catch(unlessMissing)) ?? []
    const found: Named[] = []
    for (let from = 0; from < names.length; from += AT_A_TURN) {
      found.push(...names.slice(from, from + AT_A_TURN).flatMap((name) => namedOf(name) ?? []))
      await turn()
    }
    return found
  }

  async #measured(all: readonly Named[]): Promise<Kept[]> {
    const before = this.#known
    this.#known = new Map()
    const kept: Kept[] = []
    await inTurns(all, async (one) => {
      const facts = before.get(one.name) ?? (await this.#factsOf(one))
      if (facts === null) return
      if (one.isWhole) this.#known.set(one.name, facts)
      kept.push({ ...one, ...facts })
    })
    return kept
  }

  async #factsOf({ isWhole, name }: Named): Promise<Facts | null> {
    const facts = await stat(join(this.#folder, name)).catch(unlessMissing)
    // One that is not whole grows, or is a node's that died.
    return facts && { size: isWhole ? facts.size : 0, writtenAt: facts.mtimeMs }
  }

  async #remove(gone: readonly Kept[]): Promise<void> {
    await inTurns(gone, async ({ name }) => {
      await rm(join(this.#folder, name), { force: true })
      this.#known.delete(name)
    })
  }
}

const octetsOf = (files: readonly Kept[]): number => files.reduce((sum, { size }) => sum + size, 0)

const turn = () => new Promise((done) => setImmediate(done))

async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += AT_ONCE) {
    await Promise.all(all.slice(from, from + AT_ONCE).map(work))
  }
}

/** Null: a file of somebody else. */
function namedOf(name: string): Named | null {
  const [, id = '', part] = /^(.+)\.eml(\.part)?$/.exec(name) ?? []
  return parseDeliveryId(id) && { name, isWhole: part === undefined }
}

function unlessMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
