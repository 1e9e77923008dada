//
// Owns: reading letters in a thread of its own, one at a time, with a deadline; the thread starts with the first letter
// and ends when none has come for a while.
// Never: waits for ever. A letter that cannot be read in time is unreadable.

import { Worker } from 'node:worker_threads'
import type { Clock, Log } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import { MAX_SCANNED_OCTETS } from '../../mail/bounces/message-parts.ts'
import { type ReturnedMail, readReturnedMail } from '../../mail/bounces/returned.ts'
import {
  type Enclosure,
  enclosureOf,
  type Finding,
  type Question,
  type ReadingAnswer,
  type ReadingAsk,
} from './reading.ts'
import type { ReportDigest } from './report-digest.ts'

export type ReadFault =
  /** Too much waits to be read: come again. */
  'busy' | 'unreadable'

export interface LetterReader {
  /** The JSON that a webhook is told. */
  letter(bytes: Uint8Array): Promise<Result<string, ReadFault>>
  /** `ownAddresses`: those from which we send. */
  reports(
    bytes: Uint8Array,
    ownAddresses: ReadonlySet<string>,
  ): Promise<Result<readonly ReportDigest[], ReadFault>>
  returned(bytes: Uint8Array): Promise<Result<ReturnedMail, ReadFault>>
  /** Ready to be attached, behind our Received field. */
  enclosure(bytes: Uint8Array, received: string): Promise<Result<Enclosure, ReadFault>>
}

/** 10 MB of MIME take a second on a slow machine; what takes longer was made to. */
const DEADLINE: Milliseconds = 20 * SECOND
/** Octets that may wait beside the one that is read. */
const MAX_WAITING_OCTETS = 64 * 1024 * 1024
const IDLE: Milliseconds = MINUTE
/** Bounces and complaints up to this size are read where they come in: below 10 ms, whatever is in them. */
const READ_AT_ONCE_OCTETS = 64 * 1024
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

  async letter(bytes: Uint8Array): Promise<Result<string, ReadFault>> {
    const found = await this.#read({ kind: 'letter' }, bytes)
    return found !== 'busy' && found.kind === 'letter' ? ok(found.json) : fault(faultOf(found))
  }

  async reports(
    bytes: Uint8Array,
    ownAddresses: ReadonlySet<string>,
  ): Promise<Result<readonly ReportDigest[], ReadFault>> {
    const found = await this.#read({ kind: 'reports', ownAddresses }, bytes)
    return found !== 'busy' && found.kind === 'reports' ? ok(found.reports) : fault(faultOf(found))
  }

  /** A view would cross with all that is behind it. */
  async returned(bytes: Uint8Array): Promise<Result<ReturnedMail, ReadFault>> {
    if (bytes.length <= READ_AT_ONCE_OCTETS) return ok(readReturnedMail(bytes))
    const found = await this.#read({ kind: 'returned' }, bytes.slice(0, MAX_SCANNED_OCTETS))
    return found !== 'busy' && found.kind === 'returned' ? ok(found.mail) : fault(faultOf(found))
  }

  async enclosure(bytes: Uint8Array, received: string): Promise<Result<Enclosure, ReadFault>> {
    if (bytes.length <= READ_AT_ONCE_OCTETS) return ok(enclosureOf(bytes, received))
    const found = await this.#read({ kind: 'enclosure', received }, bytes)
    return found !== 'busy' && found.kind === 'enclosure' ? ok(found.enclosure) : fault(faultOf(found))
  }

  /** Whoever still waits hears that it is too busy here. */
  async stop(): Promise<void> {
    for (const { ask, answer } of this.#waiting.splice(0)) answer(nothing(ask.id, 'stopped'))
    this.#finish(nothing(this.#current?.ask.id ?? 0, 'stopped'))
    this.#cancel()
    await this.#end()
  }

  #read(question: Question, bytes: Uint8Array): Promise<Finding | 'busy'> {
    if (this.#octets + bytes.length > MAX_WAITING_OCTETS) return Promise.resolve('busy')
    this.#octets += bytes.length
    return new Promise((resolve) => {
      const answer = ({ finding }: ReadingAnswer): void => resolve(finding)
      this.#waiting.push({ ask: { id: ++this.#last, question, bytes }, answer })
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

const nothing = (id: number, say: string): ReadingAnswer => ({ id, finding: { kind: 'fault', say } })

const faultOf = (found: Finding | 'busy'): ReadFault => (found === 'busy' ? 'busy' : 'unreadable')

/** The executable holds a thread's file under its path from the root of the build, which names it as an entry point. */
const threadFile = (): string | URL =>
  import.meta.url.includes('/$bunfs/')
    ? '/$bunfs/root/src/services/inbound/reading-thread.ts'
    : new URL('./reading-thread.ts', import.meta.url)
