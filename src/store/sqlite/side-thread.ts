//
// Owns: the side thread's entry: what takes long and must neither hold the writer nor the serving thread: checkpoints
// of the bulk of the WAL, totals over all lines, looking for what has expired, ranges of figures, finding mail.
// Also keeps the reserve file.
// Never: writes a row.

import type { Database } from 'bun:sqlite'
import { systemClock } from '../../ops/clock.ts'
import type { Value } from '../rows.ts'
import { type SearchWork, stepsOf } from '../search/search.ts'
import { takeAtOnce } from '../search/steps.ts'
import type { ExpiredAsk } from '../store.ts'
import { checkpointPassive } from './checkpoint.ts'
import { expiredIn } from './expired.ts'
import { overviewOf } from './overview.ts'
import { keepReserve } from './reserve.ts'
import { openForCheckpoints, openForReading } from './settings.ts'

declare const self: Worker

export type ToSide =
  | { readonly kind: 'open'; readonly path: string }
  | { readonly kind: 'ask'; readonly number: number; readonly ask: SideAsk }

export type SideAsk =
  | { readonly what: 'checkpoint' }
  | { readonly what: 'overview'; readonly limit: number }
  | { readonly what: 'expired'; readonly ask: ExpiredAsk }
  | { readonly what: 'read'; readonly sql: string; readonly values: readonly Value[] }
  | { readonly what: 'search'; readonly work: SearchWork }
  | { readonly what: 'close' }

export interface FromSide {
  readonly number: number
  readonly value: unknown
  readonly fault: string | null
}

class SideThread {
  private path = ''
  private reader: Database | null = null
  private checkpointer: Database | null = null

  receive(message: ToSide): void {
    if (message.kind === 'open') {
      this.path = message.path
      return
    }
    try {
      const value = this.answer(message.ask)
      say({ number: message.number, value, fault: null })
    } catch (error) {
      say({ number: message.number, value: null, fault: String(error) })
    }
  }

  private answer(ask: SideAsk): unknown {
    switch (ask.what) {
      case 'checkpoint':
        // A checkpoint writes the file, though no row: it needs a connection that may.
        keepReserve(this.path)
        this.checkpointer ??= openForCheckpoints(this.path)
        return checkpointPassive(this.checkpointer)
      case 'overview':
        this.reader ??= openForReading(this.path)
        return overviewOf(this.reader, ask.limit)
      case 'expired':
        this.reader ??= openForReading(this.path)
        return expiredIn(this.reader, ask.ask)
      case 'read':
        this.reader ??= openForReading(this.path)
        return this.reader.query<unknown, Value[]>(ask.sql).all(...ask.values)
      case 'search':
        this.reader ??= openForReading(this.path)
        return searched(this.reader, ask.work)
      case 'close':
        this.reader?.close()
        this.checkpointer?.close()
        this.reader = null
        this.checkpointer = null
        return null
      default:
        return ask satisfies never
    }
  }
}

function searched(reader: Database, work: SearchWork): unknown {
  const clock = systemClock()
  const began = clock.monotonic()
  const steps = stepsOf('sqlite', work, () => clock.monotonic() - began)
  return takeAtOnce(steps, ({ sql, values }) => reader.query<unknown, Value[]>(sql).all(...values))
}

const say = (message: FromSide): void => self.postMessage(message)

const thread = new SideThread()
self.onmessage = (event: MessageEvent<ToSide>) => thread.receive(event.data)
