//
// Owns: which deliveries are with workers at this moment, in a file that outlives this process, though not the machine:
// after a crash it says whose outcome nobody knows. Nothing is synced, and a fault of the disk costs the count alone.
// It is written at once, by this thread: on a busy machine another one comes to it when the receiver has the mail already.
//
// A place keeps its delivery until another one takes it. Whoever reads the file asks the store what became of each.

import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { parseDeliveryId } from './core/ids.ts'
import type { Log } from './core/ports.ts'
import type { LeftOver, UnderWay } from './services/queue/doubt.ts'

/** The longest id, a number and a line end. */
const PLACE_OCTETS = 40
const FIRST_PLACES = 64

export const underWayFileOf = ({
  dataDir,
  node,
}: {
  readonly dataDir: string
  readonly node: string
}): string => join(dataDir, `under-way-${node}`)

export function openUnderWay(path: string, log: Log): UnderWay {
  const left = leftIn(path)
  const file = openSync(path, 'w+', 0o600)
  ftruncateSync(file, 0)
  return new UnderWayFile(file, left, log)
}

function leftIn(path: string): readonly LeftOver[] {
  let text: string
  try {
    text = readFileSync(path, 'latin1')
  } catch {
    return []
  }
  return text.split('\n').flatMap((line) => {
    const [id = '', attempts = ''] = line.trim().split(' ')
    const deliveryId = parseDeliveryId(id)
    return deliveryId && /^\d{1,9}$/.test(attempts) ? [{ deliveryId, attempts: Number(attempts) }] : []
  })
}

class UnderWayFile implements UnderWay {
  readonly left: readonly LeftOver[]
  readonly #file: number
  readonly #log: Log
  readonly #free: number[] = []
  #places = Buffer.alloc(FIRST_PLACES * PLACE_OCTETS, ' ')
  #used = 0
  /** Octets that changed since the last write. */
  #from = Number.POSITIVE_INFINITY
  #to = 0
  #state: 'idle' | 'changed' | 'failed' | 'closed' = 'idle'

  constructor(file: number, left: readonly LeftOver[], log: Log) {
    this.#file = file
    this.left = left
    this.#log = log
  }

  began({ deliveryId, attempts }: LeftOver): number {
    const place = this.#free.pop() ?? this.#used++
    const at = place * PLACE_OCTETS
    if (at >= this.#places.length) this.#grow()
    const line = `${deliveryId} ${attempts}`
    this.#places.fill(' ', at, at + PLACE_OCTETS - 1)
    this.#places.write(line, at, PLACE_OCTETS - 1, 'latin1')
    this.#places[at + PLACE_OCTETS - 1] = 0x0a
    this.#from = Math.min(this.#from, at)
    this.#to = Math.max(this.#to, at + PLACE_OCTETS)
    // What begins in one turn of the event loop is written together.
    if (this.#state === 'idle') {
      this.#state = 'changed'
      queueMicrotask(() => this.#write())
    }
    return place
  }

  ended(place: number): void {
    this.#free.push(place)
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    closeSync(this.#file)
  }

  #grow(): void {
    const places = Buffer.alloc(this.#places.length * 2, ' ')
    this.#places.copy(places)
    this.#places = places
  }

  #write(): void {
    if (this.#state !== 'changed') return
    try {
      writeSync(this.#file, this.#places, this.#from, this.#to - this.#from, this.#from)
      this.#state = 'idle'
    } catch (error) {
      this.#state = 'failed'
      this.#log.warn(
        'what is under way cannot be noted: after a crash nobody can say what may arrive twice',
        { error: String(error) },
      )
    }
    this.#from = Number.POSITIVE_INFINITY
    this.#to = 0
  }
}
