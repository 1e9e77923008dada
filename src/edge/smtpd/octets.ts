//
// Owns: the memory of one message on its way in: held once, in as few pieces as that takes, and given back at once, not
// when a collector finds the time: sixteen letters of 9 MB would be a gigabyte by then.
// Never: what the octets mean.

import { giveBack } from '../../core/give-back.ts'

/** A message in two packets fits; later blocks are as large as what is held already. */
const FIRST_BLOCK = 16 * 1024
const LARGEST_BLOCK = 1024 * 1024

export class Octets {
  size = 0
  /** The only piece so far: a view of what came from the socket, and nothing was copied. */
  #view: Buffer | null = null
  #blocks: Buffer[] = []
  /** Octets of the last block that are not used. */
  #free = 0
  #handedOver = false

  /** Whether what came from the socket is still needed. */
  get isView(): boolean {
    return this.#view !== null
  }

  /** Pieces are copied together: a view for each is a hundred octets, and a stuffed dot makes one of every line. */
  add(chunk: Buffer, from: number, to: number): void {
    if (this.size === 0) this.#view = chunk.subarray(from, to)
    else {
      this.own()
      this.#copy(chunk, from, to)
    }
    this.size += to - from
  }

  /** Nothing is a view any more. */
  own(): void {
    const view = this.#view
    this.#view = null
    if (view !== null) this.#copy(view, 0, view.length)
  }

  /** One buffer; without a copy when the message came in one piece. From now on somebody else may hold it. */
  whole(): Buffer {
    this.#handedOver = true
    const [first] = this.#blocks
    if (first === undefined) return this.#view ?? Buffer.alloc(0)
    if (this.#blocks.length === 1) return first.subarray(0, this.size)
    const whole = Buffer.allocUnsafeSlow(this.size)
    let at = 0
    for (const block of this.#blocks) {
      at += block.copy(whole, at)
      giveBack(block)
    }
    this.#blocks = [whole]
    return whole
  }

  /** Lets go; what nobody else was given goes back at once. */
  discard(): void {
    if (!this.#handedOver) this.release()
    this.#view = null
    this.#blocks = []
    this.#free = 0
  }

  /** Nobody reads it any more, whoever was given it. */
  release(): void {
    for (const block of this.#blocks) giveBack(block)
    this.#view = null
    this.#blocks = []
    this.#free = 0
  }

  #copy(chunk: Buffer, from: number, to: number): void {
    let at = from
    while (at < to) {
      if (this.#free === 0) this.#grow(to - at)
      const block = this.#blocks.at(-1)
      if (block === undefined) return
      const copied = chunk.copy(block, block.length - this.#free, at, to)
      this.#free -= copied
      at += copied
    }
  }

  #grow(wanted: number): void {
    this.#free = Math.min(Math.max(FIRST_BLOCK, wanted, this.size), LARGEST_BLOCK)
    this.#blocks.push(Buffer.allocUnsafeSlow(this.#free))
  }
}
