//
// Owns: building templates in a thread of its own, one at a time, with a deadline; it starts with the first and ends when
// none has come for a while, and with it the memory that MJML takes.
// Never: waits for ever. What cannot be built in time is refused.

import { Worker } from 'node:worker_threads'
import type { AccountId } from '../../core/ids.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { fault, type Result } from '../../core/result.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { BuildFault } from '../../mail/templates/build.ts'
import { type BuildAnswer, type BuildAsk, type BuildWish, type Made, unreadable } from './building.ts'

/** Too much waits to be built: come again. */
export type WorkshopFault = BuildFault | 'busy'

/** 17 KB of MJML take 20 ms, and its first one a second more; what takes longer was made to. */
const DEADLINE: Milliseconds = 10 * SECOND
const MAX_WAITING = 64
/** Of one account, beside the one that is built. */
const MAX_OF_ONE = 16
const IDLE: Milliseconds = MINUTE
/** The heap is collected earlier: a page is built and forgotten. */
const SMALL_HEAP = { name: 'building', smol: true }

interface Waiting {
  readonly ask: BuildAsk
  readonly answer: (answer: BuildAnswer['made']) => void
}

export class Workshop {
  readonly #clock: Clock
  readonly #log: Log
  readonly #waiting: Waiting[] = []
  #last = 0
  #thread: Worker | null = null
  /** For whom the last one was built. */
  #served: AccountId | null = null
  #current: Waiting | null = null
  #cancel = (): void => undefined

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock
    this.#log = log
  }

  make(wish: BuildWish): Promise<Result<Made, WorkshopFault>> {
    const own = this.#waiting.filter(({ ask }) => ask.wish.account === wish.account).length
    if (own >= MAX_OF_ONE || this.#waiting.length >= MAX_WAITING) return Promise.resolve(fault('busy'))
    return new Promise((answer) => {
      this.#waiting.push({ ask: { id: ++this.#last, wish }, answer })
      this.#next()
    })
  }

  async stop(): Promise<void> {
    for (const { answer } of this.#waiting.splice(0)) answer(fault(STOPPED))
    this.#finish(fault(STOPPED))
    this.#cancel()
    await this.#end()
  }

  #next(): void {
    if (this.#current) return
    const next = this.#turn()
    this.#cancel()
    if (!next) {
      this.#cancel = this.#clock.after(IDLE, () => void this.#end())
      return
    }
    this.#current = next
    this.#cancel = this.#clock.after(DEADLINE, () => this.#giveUp('it takes too long to build'))
    this.#thread ??= this.#start()
    this.#thread.postMessage(next.ask)
  }

  /** Somebody else's before another one of whom was just built for: what is slow delays its own account most. */
  #turn(): Waiting | undefined {
    const others = this.#waiting.findIndex(({ ask }) => ask.wish.account !== this.#served)
    const [next] = this.#waiting.splice(Math.max(0, others), 1)
    this.#served = next?.ask.wish.account ?? null
    return next
  }

  #start(): Worker {
    const thread = new Worker(threadFile(), SMALL_HEAP)
    thread.on('message', ({ id, made }: BuildAnswer) => {
      if (thread === this.#thread && id === this.#current?.ask.id) this.#finish(made)
    })
    thread.on('error', (error) => {
      if (thread === this.#thread) this.#giveUp(`it cannot be built: ${String(error).slice(0, 100)}`)
    })
    return thread
  }

  /** The thread is not used again. */
  #giveUp(why: string): void {
    if (!this.#current) return
    this.#log.warn('a template could not be built', { template: this.#current.ask.wish.name, reason: why })
    void this.#end()
    this.#finish(fault(unreadable(why)))
  }

  #finish(made: BuildAnswer['made']): void {
    const current = this.#current
    if (!current) return
    this.#current = null
    current.answer(made)
    this.#next()
  }

  async #end(): Promise<void> {
    const thread = this.#thread
    this.#thread = null
    await thread?.terminate()
  }
}

const STOPPED = unreadable('the node is stopping')

/** The executable holds a thread's file under its path from the root of the build, which names it as an entry point. */
const threadFile = (): string | URL =>
  import.meta.url.includes('/$bunfs/')
    ? '/$bunfs/root/src/services/templates/building-thread.ts'
    : new URL('./building-thread.ts', import.meta.url)
