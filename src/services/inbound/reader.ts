//
// Owns: reading letters in a thread of its own, one at a time, with a deadline; the thread starts with the first letter
// and ends when none has come for a while.
// Never: waits for ever. A letter that cannot be read in time is unreadable.

import { Worker } from 'node:worker_threads'
import type { Clock, Log } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { Letter } from '../../mail/mime/letter.ts'
import type { Report } from '../../mail/reports/report.ts'
import type { ReadingAnswer, ReadingAsk } from './reading.ts'

export type ReadFault =
  /** Too much waits to be read: come again. */
  'busy' | 'unreadable'

export interface LetterReader {
  letter(bytes: Uint8Array): Promise<Result<Letter, ReadFault>>
  reports(bytes: Uint8Array): Promise<Result<readonly Report[], ReadFault>>
}

/** 10 MB of MIME take a second on a slow machine; what takes longer was made to. */
const DEADLINE: Milliseconds = 20 * SECOND
/** Octets that may wait beside the one that is read. */
const MAX_WAITING_OCTETS = 64 * 1024 * 1024
const IDLE: Milliseconds = MINUTE
/** The heap is collected earlier: a letter is read and forgotten. */
const SMALL_HEAP = { name: 'reading', smol: true }

interface Waiting {
  readonly ask: ReadingAsk
  readonly answer: (answer: ReadingAnswer) => void
}

export class Reader implements LetterReader {
  readonly #clock: Clock
  readonly #log: Log
  readonly #waiting: Waiting[] = []
  #octets = 0
  #last = 0
  #thread: Worker | null = null
  #current: Waiting | null = null
  #cancel = (): void => undefined

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock
    this.#log = log
  }

  async letter(bytes: Uint8Array): Promise<Result<Letter, ReadFault>> {
    const answer = await this.#read('letter', bytes)
    if (answer === 'busy') return fault('busy')
    return answer.letter ? ok(answer.letter) : fault('unreadable')
  }

  async reports(bytes: Uint8Array): Promise<Result<readonly Report[], ReadFault>> {
    const answer = await this.#read('reports', bytes)
    if (answer === 'busy') return fault('busy')
    return answer.fault === '' ? ok(answer.reports) : fault('unreadable')
  }

  /** Whoever still waits hears that it is too busy here. */
  async stop(): Promise<void> {
    for (const { ask, answer } of this.#waiting.splice(0)) answer(nothing(ask.id, 'stopped'))
    this.#finish(nothing(this.#current?.ask.id ?? 0, 'stopped'))
    this.#cancel()
    await this.#end()
  }

  #read(kind: ReadingAsk['kind'], bytes: Uint8Array): Promise<ReadingAnswer | 'busy'> {
    if (this.#octets + bytes.length > MAX_WAITING_OCTETS) return Promise.resolve('busy')
    this.#octets += bytes.length
    return new Promise((answer) => {
      this.#waiting.push({ ask: { id: ++this.#last, kind, bytes }, answer })
      this.#next()
    })
  }

  #next(): void {
    if (this.#current) return
    const next = this.#waiting.shift()
    this.#cancel()
    if (!next) {
      this.#cancel = this.#clock.after(IDLE, () => void this.#end())
      return
    }
    this.#current = next
    this.#cancel = this.#clock.after(DEADLINE, () => this.#giveUp('it took too long'))
    this.#thread ??= this.#start()
    this.#thread.postMessage(next.ask)
  }

  #start(): Worker {
    const thread = new Worker(threadFile(), SMALL_HEAP)
    thread.on('message', (answer: ReadingAnswer) => {
      if (thread === this.#thread && answer.id === this.#current?.ask.id) this.#finish(answer)
    })
    thread.on('error', (error) => {
      if (thread === this.#thread) this.#giveUp(String(error))
    })
    return thread
  }

  /** The letter is unreadable and its thread is not used again. */
  #giveUp(why: string): void {
    const { ask } = this.#current ?? {}
    if (!ask) return
    this.#log.warn('a letter could not be read', { octets: ask.bytes.length, reason: why.slice(0, 200) })
    void this.#end()
    this.#finish(nothing(ask.id, why))
  }

  #finish(answer: ReadingAnswer): void {
    const current = this.#current
    if (!current) return
    this.#current = null
    this.#octets -= current.ask.bytes.length
    current.answer(answer)
    this.#next()
  }

  async #end(): Promise<void> {
    const thread = this.#thread
    this.#thread = null
    await thread?.terminate()
  }
}

const nothing = (id: number, why: string): ReadingAnswer => ({ id, letter: null, reports: [], fault: why })

/** The executable holds a thread's file under its path from the root of the build, which names it as an entry point. */
const threadFile = (): string | URL =>
  import.meta.url.includes('/$bunfs/')
    ? '/$bunfs/root/src/services/inbound/reading-thread.ts'
    : new URL('./reading-thread.ts', import.meta.url)
