//
// Owns: following one message until every recipient has an answer: which lines are new since the last look, and when it
// is over.

import type { Admin, AdminFault } from '../src/admin/admin.ts'
import type { MessageReport } from '../src/admin/message-rows.ts'
import { ok, type Result } from '../src/core/result.ts'

/** One thing that happened; keys as in the REST API. */
export interface Happened {
  readonly at: string
  readonly message_id: string
  readonly what: 'accepted' | 'attempt' | 'event'
  readonly recipient: string | null
  /** Of an attempt: delivered, deferred, …; of an event its type. */
  readonly outcome: string
  readonly mx: string | null
  readonly address: string | null
  readonly tls: string | null
  readonly code: number | null
  /** What the receiver said, or what the event says. */
  readonly reply: string
}

export interface Watched {
  /** False: the time was over before. */
  readonly ended: boolean
  readonly delivered: boolean
  readonly recipients: readonly { readonly recipient: string; readonly state: string }[]
}

export interface Watching {
  now(): number
  tell(happened: Happened): void
  /** Milliseconds. */
  readonly patience: number
}

const LOOK_EVERY_MS = 150
const FINAL: ReadonlySet<string> = new Set(['delivered', 'bounced', 'suppressed', 'cancelled', 'failed'])

export async function watch(
  admin: Pick<Admin, 'messageShow'>,
  id: string,
  { now, tell, patience }: Watching,
): Promise<Result<Watched, AdminFault>> {
  const end = now() + patience
  const told = new Set<string>()
  for (;;) {
    const looked = await admin.messageShow({ id })
    if (!looked.ok) return looked
    for (const happened of happenedIn(looked.value)) {
      const name = JSON.stringify(happened)
      if (told.has(name)) continue
      told.add(name)
      tell(happened)
    }
    const recipients = looked.value.deliveries.map(({ recipient, state }) => ({ recipient, state }))
    const ended = recipients.every(({ state }) => FINAL.has(state))
    if (ended || now() >= end) {
      return ok({ ended, delivered: recipients.every(({ state }) => state === 'delivered'), recipients })
    }
    await Bun.sleep(LOOK_EVERY_MS)
  }
}

/** In the order in which it happened. That a copy was delivered or put off stands in its attempt already. */
export function happenedIn({ message, deliveries, attempts, events }: MessageReport): readonly Happened[] {
  const recipientOf = new Map(deliveries.map(({ id, recipient }) => [id, recipient]))
  const nobody = { mx: null, address: null, tls: null, code: null }
  const accepted: Happened = {
    ...{ at: message.created_at, message_id: message.id, what: 'accepted', recipient: null },
    ...{ outcome: 'queued', ...nobody, reply: `from ${message.from}, ${message.size} octets` },
  }
  const tried = attempts.map(
    (it): Happened => ({
      ...{ at: it.at, message_id: message.id, what: 'attempt', outcome: it.outcome },
      recipient: recipientOf.get(it.delivery_id) ?? null,
      ...{ mx: it.mx, address: it.address, tls: it.tls, code: it.code, reply: it.diagnostic },
    }),
  )
  const others = events
    .filter(({ type }) => type !== 'email.queued' && type !== 'email.delivered')
    .map(
      (it): Happened => ({
        ...{ at: it.at, message_id: message.id, what: 'event', recipient: it.recipient },
        ...{ outcome: it.type, ...nobody, reply: it.detail },
      }),
    )
  return [accepted, ...[...tried, ...others].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))]
}

export function happenedText(happened: Happened): string {
  const { at, message_id, mx, outcome, recipient, reply, what } = happened
  const time = at.slice(11, 19)
  if (what === 'accepted') return `${time}  accepted    ${message_id} ${reply}`
  if (what === 'event') return `${time}  ${outcome.replace('email.', '').padEnd(10)}  ${recipient}: ${reply}`
  const by = mx === null ? '' : ` by ${mx} ${happened.address ?? ''}, ${happened.tls ?? 'without TLS'}`
  return `${time}  ${outcome.padEnd(10)}  ${recipient}${by}: ${reply}`
}
