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

/** Files whose sizes are asked for together: the thread pool has others to serve. */
const AT_ONCE = 32
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
    const kept = (await this.#list()).sort((a, b) => a.acceptedAt - b.acceptedAt)
    await this.#measure(kept)
    let octets = kept.reduce((sum, { name }) => sum + this.#sizeOf(name), 0)
    let removed = 0
    for (const { name, acceptedAt, isWhole } of kept) {
      const isOld = acceptedAt <= now - (isWhole ? keep : Math.min(keep, UNFINISHED))
      if (!isOld && octets <= most) continue
      // One that is being written now is not the oldest, or the bound is smaller than a message.
      if (!isWhole && !isOld) continue
      await rm(join(this.#folder, name), { force: true })
      octets -= this.#sizeOf(name)
      removed += 1
      this.#sizes.delete(name)
    }
    return { removed, octets }
  }

  async #list(): Promise<Kept[]> {
    const names = await readdir(this.#folder).catch(unlessMissing)
    const kept = (names ?? []).flatMap((name) => keptOf(name) ?? [])
    const there = new Set(kept.map(({ name }) => name))
    for (const name of this.#sizes.keys()) if (!there.has(name)) this.#sizes.delete(name)
    return kept
  }

  async #measure(kept: readonly Kept[]): Promise<void> {
    const fresh = kept.filter(({ name }) => !this.#sizes.has(name))
    for (let from = 0; from < fresh.length; from += AT_ONCE) {
      const some = fresh.slice(from, from + AT_ONCE)
      const found = await Promise.all(
        some.map(({ name }) => stat(join(this.#folder, name)).catch(unlessMissing)),
      )
      for (const [index, { name, isWhole }] of some.entries()) {
        const facts = found[index]
        if (facts && isWhole) this.#sizes.set(name, facts.size)
      }
    }
  }

  #sizeOf(name: string): number {
    return this.#sizes.get(name) ?? 0
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
