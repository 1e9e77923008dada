//
// Owns: how the contents of a group reach the writer thread: through memory that both threads see, used again for each
// group, for there is one group under way at a time. Fresh memory for each cost more than the copying.

/** Nearly every group fits; what does not gets memory of its own. */
const SHARED_OCTETS = 1024 * 1024

interface WithParts {
  readonly parts: readonly Uint8Array[]
}

export class GroupMemory {
  readonly shared = new SharedArrayBuffer(SHARED_OCTETS)
  readonly #view = new Uint8Array(this.shared)

  /** One part behind the other. A number: so many octets of the shared memory. Only when no group is under way. */
  gather(entries: readonly WithParts[]): ArrayBuffer | number {
    let size = 0
    for (const { parts } of entries) for (const part of parts) size += part.byteLength
    if (size <= SHARED_OCTETS) return fill(this.#view, entries)
    const own = new Uint8Array(size)
    fill(own, entries)
    return own.buffer
  }
}

function fill(memory: Uint8Array, entries: readonly WithParts[]): number {
  let offset = 0
  for (const { parts } of entries) {
    for (const part of parts) {
      memory.set(part, offset)
      offset += part.byteLength
    }
  }
  return offset
}
