//
// Owns: sending, looking at and moving mail as the operator does.

import { parseDomain } from '../core/address.ts'
import type { MailEvent } from '../core/event.ts'
import { type Ids, parseMessageId } from '../core/ids.ts'
import type { Clock } from '../core/ports.ts'
import { fault, ok, type Result } from '../core/result.ts'
import { readSend } from '../edge/api/send.ts'
import type { MergeTemplates } from '../mail/templates/merge.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import type { Keys } from '../services/accounts/keys.ts'
import type { Door } from '../services/submission/door.ts'
import type { ScheduleStore } from '../store/schedule-store.ts'
import type { MessageStore, QueueFilter, QueueStore } from '../store/store.ts'
import type { AdminActions, AdminFault } from './admin.ts'
import { accountNamed, accountNames } from './directory.ts'
import { iso, isoOrNull, noSuchMessage, notAnId } from './faults.ts'
import { keyNamed } from './keys.ts'
import type { MessageReport } from './message-rows.ts'
import type { QueueAsk } from './queue-rows.ts'

export interface MailParts {
  readonly accounts: Accounts
  readonly keys: Keys
  readonly door: Door
  readonly templates: MergeTemplates
  readonly messages: MessageStore
  readonly queue: QueueStore
  readonly schedules: Pick<ScheduleStore, 'overview'>
  readonly clock: Clock
  readonly ids: Ids
  /** Tells the dispatcher that something came free. */
  readonly wake: () => void
  /** The operator flushed mail of this provider, or of all: paused lanes are to be probed now. */
  readonly probe: (provider: string | null) => void
}

/** Nobody reads more, and counting them costs. */
const MOST_SCHEDULED = 100_000

type MailActions = Pick<AdminActions, 'send' | 'queueOverview' | 'queueCommand' | 'messageShow'>

export function mailActions(parts: MailParts): MailActions {
  return {
    send: (ask) => send(parts, ask),
    async queueOverview({ limit }) {
      const { waiting, leased, held, heldFor, destinations } = await parts.queue.overview(limit)
      const ahead = await parts.schedules.overview(parts.clock.now(), MOST_SCHEDULED)
      const scheduled = { messages: ahead.messages, next_at: isoOrNull(ahead.nextAt) }
      const rows = destinations.map((it) => ({
        destination: it.destination,
        provider: it.provider,
        waiting: it.waiting,
        next_due_at: iso(it.nextDueAt),
        last_error: it.lastError,
      }))
      return ok({ waiting, leased, held, scheduled, held_for: heldFor, destinations: rows })
    },
    queueCommand: (ask) => queueCommand(parts, ask),
    messageShow: ({ id }) => show(parts, id),
  }
}

async function queueCommand(parts: MailParts, ask: QueueAsk): ReturnType<AdminActions['queueCommand']> {
  const filter = await filterOf(parts, ask)
  if (!filter.ok) return filter
  const { clock, ids, probe, queue, wake } = parts
  const now = clock.now()
  if (ask.command === 'drop') return ok({ moved: await queue.drop(filter.value, now, () => ids.event()) })
  const flushes = ask.command === 'flush'
  const moved = await queue.command(ask.command === 'flush' ? 'retry' : ask.command, filter.value, now)
  if (flushes) probe(filter.value.provider ?? null)
  if (ask.command !== 'hold') wake()
  return ok({ moved })
}

async function send(
  parts: MailParts,
  ask: Parameters<AdminActions['send']>[0],
): ReturnType<AdminActions['send']> {
  const account = await accountNamed(parts.accounts, ask.account)
  if (!account.ok) return account
  const body = {
    from: ask.from,
    to: [...ask.to],
    subject: ask.subject,
    ...(ask.text === null ? {} : { text: ask.text }),
    ...(ask.html === null ? {} : { html: ask.html }),
    tags: [...ask.tags],
  }
  const submission = readSend(body, {
    id: parts.ids.message(),
    now: parts.clock.now(),
    submitter: { accountId: account.value.id, keyId: null, mode: 'live' },
    idempotency: null,
    templates: parts.templates,
    limits: parts.door.limits,
    ways: parts.door.ways,
  })
  if (!submission.ok) return fault({ code: submission.error.code, message: submission.error.message })
  const accepted = await parts.door.submit(submission.value)
  if (!accepted.ok) return fault({ code: accepted.error.code, message: accepted.error.say })
  const { messageId, status, estimatedDelivery } = accepted.value
  return ok({ message_id: messageId, status, estimated_delivery: estimatedDelivery })
}

async function filterOf(parts: MailParts, ask: QueueAsk): Promise<Result<QueueFilter, AdminFault>> {
  const message = ask.message === null ? null : parseMessageId(ask.message)
  if (ask.message !== null && message === null) return fault(notAnId(ask.message))
  const destination = ask.destination === null ? null : parseDomain(ask.destination)
  if (destination?.ok === false) {
    return fault({
      code: 'invalid_domain',
      message: `${JSON.stringify(ask.destination)} is not a domain; want one such as example.com`,
    })
  }
  const account = ask.account === null ? null : await accountNamed(parts.accounts, ask.account)
  if (account?.ok === false) return account
  // A word that fits none would move nothing, and look as if nothing waited.
  const key = ask.key === null ? null : await keyNamed(parts.keys, ask.key)
  if (key?.ok === false) return key
  const stream = ask.stream ?? null
  if (stream !== null && stream !== 'transactional' && stream !== 'marketing') {
    const message = `stream is ${JSON.stringify(stream)}; want transactional or marketing`
    return fault({ code: 'invalid_stream', message })
  }
  const { provider, campaign } = ask
  return ok({
    ...(message === null ? {} : { messageId: message }),
    ...(destination?.ok ? { destination: destination.value } : {}),
    ...(account?.ok ? { accountId: account.value.id } : {}),
    ...(key?.ok ? { keyId: key.value.id } : {}),
    ...(provider == null ? {} : { provider }),
    ...(campaign == null ? {} : { campaign }),
    ...(stream === null ? {} : { stream }),
  })
}

async function show(parts: MailParts, text: string): Promise<Result<MessageReport, AdminFault>> {
  const id = parseMessageId(text)
  // Null: the operator sees mail of every account.
  if (id === null) return fault(notAnId(text))
  const message = await parts.messages.get(id, null)
  if (message === null) return fault(noSuchMessage(text))
  const [nameOf, { deliveries, attempts, events }] = await Promise.all([
    accountNames(parts.accounts),
    parts.messages.fate(message.id),
  ])
  return ok({
    message: {
      id: message.id,
      account: nameOf(message.accountId),
      from: message.from,
      subject: message.subject,
      source: message.source,
      stream: message.stream,
      tags: message.tags,
      size: message.size,
      created_at: iso(message.createdAt),
      expires_at: iso(message.expiresAt),
    },
    deliveries: deliveries.map((it) => ({
      id: it.id,
      recipient: it.recipient,
      state: it.state,
      attempts: it.attempts,
      due_at: isoOrNull(it.dueAt),
      finished_at: isoOrNull(it.finishedAt),
    })),
    attempts: attempts.map((it) => ({
      delivery_id: it.deliveryId,
      number: it.number,
      at: iso(it.startedAt),
      outcome: it.outcome,
      mx: it.mx,
      address: it.address,
      tls: it.tls === null ? null : `${it.tls.version} ${it.tls.cipher}`,
      code: it.code,
      enhanced_code: it.enhancedCode,
      diagnostic: it.diagnostic,
    })),
    events: events.map((it) => ({
      at: iso(it.at),
      type: it.type,
      recipient: it.recipient,
      detail: detailOf(it),
    })),
  })
}

function detailOf(event: MailEvent): string {
  switch (event.type) {
    case 'email.queued':
      return ''
    case 'email.delivered':
      return `${event.peer.mx === null ? '' : `by ${event.peer.mx} `}after ${event.elapsed} ms: ${event.response}`
    case 'email.deferred':
      return `${event.failure.diagnostic}; next try ${iso(event.nextAttemptAt)}`
    case 'email.bounced':
      return `${event.failure.type}, ${event.failure.reason}: ${event.failure.diagnostic}`
    case 'email.complained':
      return `${event.feedbackType}${event.reporter === null ? '' : `, reported by ${event.reporter}`}`
    case 'email.opened':
      return readerOf(event)
    case 'email.clicked':
      return `${event.url}, ${readerOf(event)}`
    case 'email.unsubscribed':
      return `${event.scope || 'all mail'}, by ${event.by}`
    case 'email.failed':
    case 'email.suppressed':
    case 'email.cancelled':
      return event.reason
    default:
      return event satisfies never
  }
}

const READERS = { true: 'a machine', false: 'a person', null: 'a person or a machine' } as const

const readerOf = ({ ip, machine }: Extract<MailEvent, { machine: unknown }>): string =>
  `${READERS[`${machine}`]}${ip === null ? '' : ` at ${ip}`}`
