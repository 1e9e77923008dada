//
// Owns: the writer thread's entry: the one connection that writes, the groups it commits, checkpoints, and standing
// still after an I/O error until the file was opened anew and proven writable (F3).
// Never: answers a group before its commit is on disk.

import type { Database } from 'bun:sqlite'
import { chmodSync, existsSync } from 'node:fs'
import { collectSoon, giveBack } from '../../core/give-back.ts'
import { checkpointRest } from './checkpoint.ts'
import { GroupCommitter, type Room } from './group.ts'
import { migrate } from './migrate.ts'
import { giveUpReserve, hasReserve } from './reserve.ts'
import { openForWriting, syncFolderOf } from './settings.ts'
import type { FromWriter, Operation, ToWriter } from './wire.ts'

declare const self: Worker

/** How often a disk that failed is tried again: promised is recovery within 5 s of the repair. */
const REOPEN_AFTER_MS = 500
/** Characters of a group and its answers: letters for webhooks are among them. Groups of mail have a tenth. */
const LARGE_TEXT = 4 * 1024 * 1024

class WriterThread {
  private path = ''
  private maxPages: number | null = null
  private memory: Uint8Array = new Uint8Array()
  private db: Database | null = null
  private committer: GroupCommitter | null = null
  private isTight = false
  private readonly room: Room = {
    // The side thread makes the reserve anew as soon as the disk has room again.
    isTight: () => {
      if (this.isTight && hasReserve(this.path)) this.isTight = false
      return this.isTight
    },
    make: () => {
      if (!giveUpReserve(this.path)) return false
      this.isTight = true
      return true
    },
  }

  receive(message: ToWriter): void {
    if (message.kind === 'group') this.commit(message.operations, message.bytes)
    else if (message.kind === 'memory') this.memory = new Uint8Array(message.memory)
    else if (message.kind === 'checkpoint') this.checkpoint()
    else if (message.kind === 'open') this.open(message.path, message.maxPages)
    else this.close()
  }

  private open(path: string, maxPages: number | null): void {
    this.path = path
    this.maxPages = maxPages
    try {
      const isNew = !existsSync(path)
      this.connect()
      if (isNew) {
        // What people write to each other is nobody else's; the WAL takes over these rights.
        chmodSync(path, 0o600)
        syncFolderOf(path)
      }
      say({ kind: 'open', fault: null })
    } catch (error) {
      say({ kind: 'open', fault: error instanceof Error ? error.message : String(error) })
    }
  }

  private connect(): void {
    const db = openForWriting(this.path)
    try {
      if (this.maxPages !== null) db.run(`PRAGMA max_page_count = ${this.maxPages}`)
      migrate(db)
      this.committer = new GroupCommitter(db, this.room)
      this.db = db
    } catch (error) {
      db.close()
      throw error
    }
  }

  private commit(text: string, bytes: ArrayBuffer | number): void {
    const operations = JSON.parse(text) as readonly Operation[]
    if (this.committer === null) {
      const answers = JSON.stringify(operations.map(() => ({ fault: 'unavailable' })))
      say({ kind: 'group', answers, trouble: null })
      return
    }
    const parts = typeof bytes === 'number' ? this.memory.subarray(0, bytes) : new Uint8Array(bytes)
    const end = this.committer.commit(operations, parts)
    if (typeof bytes !== 'number') giveBack(parts)
    const answers = JSON.stringify(end.answers)
    say({ kind: 'group', answers, trouble: end.trouble })
    if (text.length + answers.length > LARGE_TEXT) setImmediate(collectSoon)
    if (end.trouble !== null) this.standStill()
  }

  /**
   * After a failed fsync the system may have marked the lost pages clean: what this connection believes is not what
   * the disk holds. Only a new connection that recovers the WAL and commits something is to be trusted.
   */
  private standStill(): void {
    this.committer = null
    try {
      this.db?.close()
    } catch {
      // Closing may fail as writing did.
    }
    this.db = null
    setTimeout(() => this.tryAgain(), REOPEN_AFTER_MS)
  }

  private tryAgain(): void {
    try {
      this.connect()
      this.db?.prepare(PROVE).run()
      say({ kind: 'notice', text: 'the store was opened anew and takes writes again' })
    } catch {
      this.standStill()
    }
  }

  private checkpoint(): void {
    if (this.db === null) return
    const trouble = checkpointRest(this.db, this.path)
    if (trouble === null) return
    say({ kind: 'notice', text: trouble })
    this.standStill()
  }

  private close(): void {
    try {
      this.db?.close()
    } finally {
      say({ kind: 'closed' })
    }
  }
}

const PROVE = `INSERT INTO meta (key, value) VALUES ('proven', '1')
  ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1`

const say = (message: FromWriter): void => self.postMessage(message)

const thread = new WriterThread()
self.onmessage = (event: MessageEvent<ToWriter>) => thread.receive(event.data)
