//
// Owns: the serving thread's end of the writer thread: gathers operations into groups, sends one group at a time, and
// gives each caller the end of his own operation.
// Never: waits for company: a group is what arrived during the last commit, or in the same turn of the loop.

import type { Log, Meter } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { StoreFault } from '../store-fault.ts'
import { GroupMemory } from './group-memory.ts'
import { startThread } from './threads.ts'
import type { Answer, FromWriter, Operation, ToWriter } from './wire.ts'

/** So many rows take about 10 ms; what is over waits for the next group. */
const ROWS_PER_GROUP = 2000
/** So many bytes are written and synced in about as long on an ordinary disk. */
const BYTES_PER_GROUP = 8 * 1024 * 1024

interface Entry {
  readonly operation: Operation
  /** SHA-256 and bytes of a content. */
  readonly parts: readonly Uint8Array[]
  readonly rows: number
  readonly bytes: number
  readonly resolve: (end: Result<unknown, StoreFault | 'exists'>) => void
  readonly reject: (error: Error) => void
}

/** What a commit adds to the WAL beside its rows' and contents' own pages: the ends of a dozen B-trees, about. */
const PAGES_PER_COMMIT = 12
const ROWS_PER_PAGE = 4
const PAGE_BYTES = 4096

export interface WriterOptions {
  readonly path: string
  readonly log: Log
  readonly meter: Meter
  readonly inboxBytes: number
  readonly maxPages: number | null
  /** About so many pages were added to the WAL since the last call. */
  readonly onGrowth: (pages: number) => void
}

export interface Weight {
  readonly rows: number
  readonly bytes: number
}

export class Writer {
  private readonly options: WriterOptions
  private readonly worker: Worker
  private readonly memory = new GroupMemory()
  private waiting: Entry[] = []
  private underWay: readonly Entry[] = []
  private inbox = 0
  private isBusy = true
  private isScheduled = false
  private closing: (() => void) | null = null
  private isDead = false
  private opened: ((fault: string | null) => void) | null = null

  constructor(options: WriterOptions) {
    this.options = options
    this.worker = startThread('writer-thread')
    this.worker.onmessage = (event: MessageEvent<FromWriter>) => this.receive(event.data)
    this.worker.onerror = (event) => this.died(event.message)
    this.post({ kind: 'memory', memory: this.memory.shared })
  }

  /** Null, or why the file could not be opened. */
  open(): Promise<string | null> {
    return new Promise((resolve) => {
      this.opened = resolve
      this.post({ kind: 'open', path: this.options.path, maxPages: this.options.maxPages })
    })
  }

  run(
    operation: Operation,
    weight: Weight,
    parts: readonly Uint8Array[] = [],
  ): Promise<Result<unknown, StoreFault | 'exists'>> {
    if (this.closing !== null || this.isDead) return Promise.resolve(fault('unavailable'))
    if (this.inbox + weight.bytes > this.options.inboxBytes && this.inbox > 0) {
      return Promise.resolve(fault('busy'))
    }
    this.inbox += weight.bytes
    return new Promise((resolve, reject) => {
      this.waiting.push({ operation, parts, ...weight, resolve, reject })
      this.schedule()
    })
  }

  /** Asks the writer to move the rest of the WAL; it does so between two groups. */
  checkpoint(): void {
    if (this.closing === null && !this.isDead) this.post({ kind: 'checkpoint' })
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.closing = resolve
      if (this.isDead) resolve()
      if (!this.isBusy && this.waiting.length === 0) this.post({ kind: 'close' })
    })
    await this.worker.terminate()
  }

  private schedule(): void {
    if (this.isBusy || this.isScheduled) return
    this.isScheduled = true
    // One turn of the loop often brings many: those of one packet's worth of submissions, or of one batch of reports.
    queueMicrotask(() => {
      this.isScheduled = false
      this.send()
    })
  }

  private send(): void {
    if (this.isBusy || this.waiting.length === 0) return
    this.underWay = this.nextGroup()
    this.isBusy = true
    const bytes = this.memory.gather(this.underWay)
    const operations = JSON.stringify(this.underWay.map((entry) => entry.operation))
    this.options.meter.observe('store_group_size', this.underWay.length)
    this.options.onGrowth(pagesOf(this.underWay))
    const message = { kind: 'group', operations, bytes } satisfies ToWriter
    this.worker.postMessage(message, typeof bytes === 'number' ? [] : [bytes])
  }

  private nextGroup(): Entry[] {
    let rows = 0
    let bytes = 0
    let count = 0
    for (const entry of this.waiting) {
      rows += entry.rows
      bytes += entry.bytes
      if (count > 0 && (rows > ROWS_PER_GROUP || bytes > BYTES_PER_GROUP)) break
      count += 1
    }
    if (count === this.waiting.length) {
      const all = this.waiting
      this.waiting = []
      return all
    }
    return this.waiting.splice(0, count)
  }

  private receive(message: FromWriter): void {
    if (message.kind === 'group') {
      this.answer(JSON.parse(message.answers) as readonly Answer[], message.trouble)
    } else if (message.kind === 'open') {
      this.isBusy = false
      this.opened?.(message.fault)
      this.send()
    } else if (message.kind === 'notice') {
      this.options.log.warn('store', { notice: message.text })
    } else {
      this.closing?.()
    }
  }

  private answer(answers: readonly Answer[], trouble: string | null): void {
    if (trouble !== null) this.options.log.error('the store cannot be written', { trouble })
    const entries = this.underWay
    this.underWay = []
    this.isBusy = false
    // The next group starts before anybody hears of this one: the disk must not wait for us.
    for (const entry of entries) this.inbox -= entry.bytes
    this.send()
    for (const [index, entry] of entries.entries()) end(entry, answers[index])
    if (this.closing !== null && !this.isBusy) this.post({ kind: 'close' })
  }

  /** A thread that died left its group in doubt: it may or may not be on disk. Nobody is told yes. */
  private died(detail: string): void {
    this.options.log.error('the writer thread died', { detail })
    this.opened?.(detail)
    for (const entry of [...this.underWay, ...this.waiting]) entry.resolve(fault('unavailable'))
    this.underWay = []
    this.waiting = []
    this.isDead = true
    this.closing?.()
  }

  private post(message: ToWriter): void {
    this.worker.postMessage(message)
  }
}

function end(entry: Entry, answer: Answer | undefined): void {
  if (answer === undefined) entry.reject(new Error('the writer left an operation without an answer'))
  else if ('value' in answer) entry.resolve(ok(answer.value))
  else if ('fault' in answer) entry.resolve(fault(answer.fault))
  else entry.reject(new Error(answer.bug))
}

/** Rather too many than too few: a checkpoint too early costs little. */
function pagesOf(entries: readonly Entry[]): number {
  let pages = PAGES_PER_COMMIT
  for (const { rows, bytes } of entries) pages += rows / ROWS_PER_PAGE + bytes / PAGE_BYTES
  return pages
}
