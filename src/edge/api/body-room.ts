//
// Owns: how many octets of large bodies are in memory at once, over all requests (T17). As JSON, as text and as a message
// each is there more than once, so a burst of attachments is what a small machine dies of.
// Never: counts small bodies, which are nearly all.

/** Octets; below this a body costs no more than its request. */
const SMALL = 64 * 1024

export class BodyRoom {
  readonly #limitOf: (request: Request) => number
  readonly #room: number
  readonly #held = new WeakMap<Request, number>()
  #octets = 0

  /** Both in octets: what one body may have, and all together. */
  constructor(limitOf: (request: Request) => number, room: number) {
    this.#limitOf = limitOf
    this.#room = room
  }

  /** Octets that this request may bring: those it announces, or as many as may come. */
  octetsOf(request: Request): number {
    if (request.method === 'GET' || request.method === 'HEAD') return 0
    const announced = request.headers.get('content-length')
    const limit = this.#limitOf(request)
    const octets = announced === null ? limit : Number(announced)
    // What is above the limit is refused unread.
    return octets <= SMALL || octets > limit ? 0 : octets
  }

  /** False when there is no room now. */
  enter(request: Request): boolean {
    const octets = this.octetsOf(request)
    if (octets === 0) return true
    if (this.#octets + octets > this.#room) return false
    this.#octets += octets
    this.#held.set(request, octets)
    return true
  }

  /** Once the request has its answer. */
  leave(request: Request): void {
    this.#octets -= this.#held.get(request) ?? 0
    this.#held.delete(request)
  }
}
