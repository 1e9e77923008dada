//
// Owns: the desk behind port 25: whom mail may be for, and for each recipient what becomes of it. It answers when what
// has to last is durable, never before (invariant I1).
// Never: sends a bounce. What is not wanted is refused in session (T18).

import type { ForwardPath, Mailbox } from '../../core/address.ts'
import { parseMailbox } from '../../core/address.ts'
import { giveBack } from '../../core/give-back.ts'
import type { DeliveryId } from '../../core/ids.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import type { Result } from '../../core/result.ts'
import { HOUR, MINUTE } from '../../core/time.ts'
import type { ReturnedMail } from '../../mail/bounces/returned.ts'
import type { InboundRoute, InboundStore } from '../../store/inbound-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { Backlog } from './backlog.ts'
import { type ForwardParts, forward, mustNotTravel } from './forwarding.ts'
import {
  type Incoming,
  type Intake,
  type Letterbox,
  later,
  notStored,
  refused,
  type Taken,
  taken,
} from './incoming.ts'
import type { LateDesk } from './late-news.ts'
import { postOf } from './letter-post.ts'
import { letterboxOf } from './letterbox.ts'
import { OneByOne } from './one-by-one.ts'
import type { LetterReader } from './reader.ts'
import type { Destination, RecipientFault, Recipients } from './recipients.ts'
import type { ReportDesk } from './report-desk.ts'
import { Throttle } from './throttle.ts'

/** What the inbound edge needs; the one door of mail that nobody here has asked for. */
export interface InboundDesk {
  judge(path: ForwardPath): Promise<Result<Destination, RecipientFault>>
  /** One answer for all recipients: SMTP has no more. */
  take(incoming: Incoming): Promise<Intake>
}

export interface InboundParts extends ForwardParts {
  readonly recipients: Recipients
  readonly late: LateDesk
  readonly reports: ReportDesk
  /** By a way out's proof: whoever wrote it. Providers' buttons write automatic mail, so what the mail says does not count. */
  readonly leave: (delivery: DeliveryId) => Promise<Result<'done' | 'known' | 'gone', StoreFault>>
  readonly reader: LetterReader
  readonly store: Pick<InboundStore, 'addPost'>
  readonly backlog: Backlog
  /** Told when a letter waits for its webhook. */
  readonly onPost: () => void
  readonly operator: Mailbox | null
  /** Received fields beyond which a message is a loop (RFC 5321 §6.3). */
  readonly maxReceived: number
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** A person reads them. */
const FORWARDS = { each: 10, all: 60, window: HOUR }
/** Of one route: what comes faster was not written by people, and would be counted against us where it goes. */
const ROUTED = { each: 60, all: 600, window: MINUTE }
/** A large receiver sends one per domain and day, all at midnight. */
const REPORTS = { each: 120, all: 600, window: MINUTE }
/** Octets from which on letters are dealt with one after the other. */
const LARGE = 256 * 1024

export class Inbound implements InboundDesk {
  readonly #parts: InboundParts
  readonly #forwards = new Throttle(FORWARDS)
  readonly #routed = new Throttle(ROUTED)
  readonly #reports = new Throttle(REPORTS)
  readonly #large = new OneByOne()

  constructor(parts: InboundParts) {
    this.#parts = parts
  }

  judge(path: ForwardPath): Promise<Result<Destination, RecipientFault>> {
    return this.#parts.recipients.judge(path)
  }

  async take(incoming: Incoming): Promise<Intake> {
    const { length } = incoming.bytes
    if (length < LARGE) return this.#take(incoming)
    return this.#large.run(length, () => this.#take(incoming)) ?? NOT_READ
  }

  async #take(incoming: Incoming): Promise<Intake> {
    const enclosures: ReturnType<LetterReader['enclosure']>[] = []
    const letter: Letter = {
      ...letterboxOf(incoming),
      json: once(() => this.#parts.reader.letter(incoming.bytes)),
      enclosure: once(() => {
        const enclosure = this.#parts.reader.enclosure(incoming.bytes, incoming.received)
        enclosures.push(enclosure)
        return enclosure
      }),
    }
    const intake = await this.#takeForAll(letter)
    for (const enclosed of await Promise.all(enclosures)) if (enclosed.ok) giveBack(enclosed.value.content)
    return intake
  }

  async #takeForAll(letter: Letter): Promise<Intake> {
    if (letter.header.all('received').length > this.#parts.maxReceived) {
      return refused('5.4.6', 'The message has too many Received fields: it goes round in a loop')
    }
    let whole: Intake | null = null
    for (const [path, destination] of letter.recipients) {
      const one = await this.#takeFor(path, destination, letter)
      this.#tell(one, destination, letter)
      whole = whole === null ? one : graver(whole, one)
      if (whole.kind === 'later') break
    }
    return whole ?? taken('ignored')
  }

  #takeFor(path: ForwardPath, destination: Destination, letter: Letter): Promise<Intake> | Intake {
    switch (destination.kind) {
      case 'return-path':
        return this.#returned(destination.delivery, letter)
      case 'way-out':
        return this.#left(destination.delivery)
      case 'feedback':
        return this.#feedback(path, letter)
      case 'reports':
        return this.#report(letter)
      case 'operator':
        return this.#toOperator(path, letter)
      case 'route':
        return this.#toRoute(path, destination.route, letter)
      default:
        return destination satisfies never
    }
  }

  async #returned(delivery: DeliveryId, letter: Letterbox): Promise<Intake> {
    const mail = await this.#read(letter)
    switch (mail?.kind) {
      case undefined:
        return NOT_READ
      case 'bounce':
        return this.#parts.late.bounced(delivery, mail)
      case 'complaint':
        return this.#parts.late.complained(delivery, mail)
      case 'auto-reply':
        return taken('auto_reply')
      case 'other':
        return taken('ignored')
      default:
        return mail satisfies never
    }
  }

  async #left(delivery: DeliveryId): Promise<Intake> {
    const left = await this.#parts.leave(delivery)
    if (!left.ok) return notStored(left.error)
    return taken(LEFT[left.value])
  }

  /** What is no complaint is a provider's letter about its loop: somebody has to press a link in it. */
  async #feedback(path: ForwardPath, letter: Letter): Promise<Intake> {
    if (!this.#within(this.#reports, letter)) return TOO_MUCH
    const mail = await this.#read(letter)
    if (mail === null) return NOT_READ
    return mail.kind === 'complaint'
      ? this.#parts.late.complained(null, mail)
      : this.#toOperator(path, letter)
  }

  /** Null: not now. What takes too long to read says nothing. */
  async #read({ bytes }: Letterbox): Promise<ReturnedMail | null> {
    const read = await this.#parts.reader.returned(bytes)
    if (read.ok) return read.value
    return read.error === 'busy' ? null : { kind: 'other' }
  }

  #report(letter: Letterbox): Promise<Intake> | Intake {
    return this.#within(this.#reports, letter) ? this.#parts.reports.take(letter) : TOO_MUCH
  }

  #toOperator(path: ForwardPath, letter: Letter): Promise<Intake> | Intake {
    const { hostname, operator } = this.#parts
    if (operator === null || mustNotTravel(letter, hostname)) return taken('ignored')
    if (!this.#within(this.#forwards, letter)) return TOO_MUCH
    return forward(this.#parts, { to: operator, recipient: path, letter })
  }

  #toRoute(path: ForwardPath, route: InboundRoute, letter: Letter): Promise<Intake> | Intake {
    if (route.action === 'webhook') return this.#post(path, route, letter)
    const to = parseMailbox(route.target)
    if (!to.ok || mustNotTravel(letter, this.#parts.hostname)) return taken('ignored')
    if (!this.#routed.allows(route.id, this.#parts.clock.monotonic())) return TOO_MUCH
    return forward(this.#parts, { to: to.value, recipient: path, letter })
  }

  async #post(recipient: ForwardPath, route: InboundRoute, letter: Letter): Promise<Intake> {
    const { backlog, clock, onPost, store } = this.#parts
    if (!(await backlog.hasRoom(route.id))) return later('too much waits for this webhook')
    const read = await letter.json()
    if (!read.ok) return read.error === 'busy' ? NOT_READ : refused('5.6.0', 'The message cannot be read')
    const post = postOf({ route, recipient, letter, json: read.value, now: clock.now() })
    const added = await store.addPost(post)
    if (!added.ok) return notStored(added.error)
    if (added.value === 'known') return taken('known')
    backlog.added(route.id, post.body.length)
    onPost()
    return taken('posted')
  }

  #within(throttle: Throttle, { neighbourhood }: Letterbox): boolean {
    return throttle.allows(neighbourhood, this.#parts.clock.monotonic())
  }

  #tell(intake: Intake, destination: Destination, letter: Letterbox): void {
    const { log, meter } = this.#parts
    const result = intake.kind === 'taken' ? intake.as : intake.kind
    meter.count('inbound_mail_total', 1, { result })
    log.info('incoming mail', {
      for: destination.kind,
      result,
      address: letter.address,
      from: letter.reversePath,
      octets: letter.bytes.length,
      ...(intake.kind === 'later' ? { reason: intake.why } : {}),
    })
  }
}

const LEFT = { done: 'unsubscribe', known: 'known', gone: 'unmatched' } as const satisfies Record<
  string,
  Taken
>
const TOO_MUCH = later('too many of these came lately')
const NOT_READ = later('too much waits to be read')

interface Letter extends Letterbox {
  /** As webhooks are told of it; read once, whoever it is for. */
  readonly json: () => ReturnType<LetterReader['letter']>
  /** As it is attached to what is passed on. */
  readonly enclosure: () => ReturnType<LetterReader['enclosure']>
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** `later` before `refused` before `taken`: a peer that is told to come again brings it to all. */
function graver(one: Intake, other: Intake): Intake {
  if (one.kind === 'later' || other.kind === 'taken') return one
  return other
}
