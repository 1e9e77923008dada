//
// Owns: one message between the last yes of policy and its commit: its rows, the memory that the queue grants it, and
// what becomes of both.

import { type Domain, domainOf, type ForwardPath } from '../../core/address.ts'
import type { StoredContent } from '../../core/content.ts'
import { beginOf, type Message } from '../../core/message.ts'
import type { Submission } from '../../core/submission.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { NewDelivery } from '../../store/store.ts'
import type { Blocking } from '../../store/suppression-store.ts'
import { claimedFrom } from './acceptance.ts'
import type { Accepted } from './door.ts'
import { deliveriesOf, messageOf } from './message.ts'
import type { SubmissionParts } from './parts.ts'
import { sayTime } from './scheduled-at.ts'

export type OfferParts = Pick<SubmissionParts, 'queue' | 'clock' | 'options'>

export interface OfferFacts {
  readonly content: StoredContent
  readonly signingDomain: Domain
  readonly blocked: ReadonlyMap<ForwardPath, Blocking>
  /** What of the content is not in memory already. */
  readonly octets: number
}

export interface Offer {
  readonly submission: Submission
  readonly message: Message
  readonly content: StoredContent
  readonly deliveries: readonly NewDelivery[]
  readonly blocked: ReadonlyMap<ForwardPath, Blocking>
  readonly answer: Accepted
  /** To whom it goes at once; nobody when it waits for a time of its own. */
  readonly due: readonly Domain[]
  /** So many octets of memory are granted; null: what is due waits in the store. */
  readonly granted: number | null
}

export class Offers {
  readonly #parts: OfferParts

  constructor(parts: OfferParts) {
    this.#parts = parts
  }

  make(submission: Submission, { blocked, content, octets: more, signingDomain }: OfferFacts): Offer {
    const { clock, options: rules, queue } = this.#parts
    const { accountId } = submission.submitter
    const message = messageOf(submission, { content, signingDomain, now: clock.now(), rules })
    const open = submission.forwardPaths.filter((path) => !blocked.has(path)).map(domainOf)
    const { scheduledAt } = message
    const due = scheduledAt === undefined ? open : NOBODY
    const octets = more + (message.fill?.length ?? 0)
    const leased =
      due.length > 0 && queue.reserve(due, octets, { accountId, stream: submission.options.stream })
    return {
      submission,
      message,
      content,
      deliveries: deliveriesOf(submission, { blocked, leased, dueAt: beginOf(message) }),
      blocked,
      answer: {
        messageId: message.id,
        status: statusOf(open.length, scheduledAt),
        // To nobody it leaves at no time.
        estimatedDelivery:
          scheduledAt === undefined || open.length === 0 ? this.#estimate(open) : sayTime(scheduledAt),
        replayed: false,
      },
      due,
      granted: leased ? octets : null,
    }
  }

  /** The commit was answered: the message is ours (RFC 5321 §4.2.5). */
  kept({ content, deliveries, due, granted, message }: Offer): void {
    const { queue } = this.#parts
    if (granted !== null) queue.handOver(content, claimedFrom(message, deliveries), granted)
    else if (due.length > 0) queue.wake(due)
  }

  /** It was not, and is nobody's. */
  dropped({ due, granted }: Offer): void {
    if (granted !== null) this.#parts.queue.forgo(due.length, granted)
  }

  /** The slowest of the first few destinations: nobody needs the estimate of the thousandth recipient. */
  #estimate(destinations: readonly Domain[]): string {
    const words = ['<200ms', '<1s', '<5s', '<1m', '<1h']
    let worst = 0
    for (const destination of destinations.slice(0, 5)) {
      worst = Math.max(worst, words.indexOf(this.#parts.queue.estimate(destination)))
    }
    return words[worst] ?? '<1h'
  }
}

const NOBODY: readonly Domain[] = []

function statusOf(open: number, scheduledAt: Milliseconds | undefined): Accepted['status'] {
  if (open === 0) return 'suppressed'
  return scheduledAt === undefined ? 'queued' : 'scheduled'
}
