//
// Owns: the mapping between rows and the values of core/, for both engines; casts of stored text to brands happen here.
// Never: statements. What stands in a row was validated before it was stored.
//
// Rows to write are lists of values in the order of the COLUMNS lists: the hot statements bind them by position.

import type { Selectable } from 'kysely'
import type { StoredContent } from '../core/content.ts'
import type { AccountId, ContentId, DeliveryId, KeyId, MessageId } from '../core/ids.ts'
import type { ClaimedDelivery, Delivery, DsnWish, Message, MessageWishes } from '../core/message.ts'
import type { Milliseconds } from '../core/time.ts'
import type { Whole } from './columns.ts'
import { lineOf, rankOf } from './line.ts'
import type { NewDelivery } from './store.ts'
import type { ContentTable, DeliveryTable, MessageTable } from './tables.ts'

export type Value = string | number | null | Uint8Array

/** A 64-bit integer as the driver gave it. */
export const orNull = (value: Whole | null): number | null => (value === null ? null : Number(value))

// ── Contents ────────────────────────────────────────────────────────────────────────────────────

export const CONTENT_COLUMNS = ['id', 'kind', 'sha256', 'size', 'created_at', 'bytes'] as const

export const contentValues = (content: StoredContent, createdAt: Milliseconds): Value[] => [
  content.id,
  content.kind,
  content.sha256,
  content.bytes.byteLength,
  createdAt,
  content.bytes,
]

export type ContentRow = Pick<ContentTable, 'id' | 'kind' | 'sha256' | 'bytes'>

/** `damaged` when the bytes are not those whose SHA-256 was stored (F14). */
export function contentOf(row: ContentRow): StoredContent | 'damaged' {
  const { id, kind, sha256, bytes } = row
  if (kind !== 'submitted' && kind !== 'composed' && kind !== 'merged') return 'damaged'
  const digest = new Uint8Array(32)
  Bun.SHA256.hash(bytes, digest)
  return Buffer.compare(digest, sha256) === 0 ? { id: id as ContentId, kind, bytes, sha256 } : 'damaged'
}

// ── Messages ────────────────────────────────────────────────────────────────────────────────────

export const MESSAGE_COLUMNS = [
  'id',
  'account_id',
  'key_id',
  'content_id',
  'source',
  'mode',
  'created_at',
  'reverse_path',
  'from_mailbox',
  'signing_domain',
  'subject',
  'stream',
  'tags',
  'custom',
  'track_opens',
  'track_clicks',
  'expires_at',
  'size',
  'campaign',
  'pool',
  'wishes',
  'fill',
  'scheduled_at',
] as const

export const messageValues = (message: Message): Value[] => [
  message.id,
  message.accountId,
  message.keyId,
  message.contentId,
  message.source,
  message.mode,
  message.createdAt,
  message.reversePath,
  message.from,
  message.signingDomain,
  message.subject,
  message.stream,
  message.tags.length === 0 ? '[]' : JSON.stringify(message.tags),
  message.custom === null ? null : JSON.stringify(message.custom),
  message.trackOpens ? 1 : 0,
  message.trackClicks ? 1 : 0,
  message.expiresAt,
  message.size,
  message.campaign,
  message.pool,
  wishesText(message.wishes),
  message.fill ?? null,
  message.scheduledAt ?? null,
]

export const messageOfRow = (row: Selectable<MessageTable>): Message => ({
  id: row.id as MessageId,
  accountId: row.account_id as AccountId,
  keyId: row.key_id as KeyId | null,
  contentId: row.content_id as ContentId,
  source: row.source as Message['source'],
  mode: row.mode as Message['mode'],
  createdAt: Number(row.created_at),
  reversePath: row.reverse_path as Message['reversePath'],
  from: row.from_mailbox as Message['from'],
  signingDomain: row.signing_domain as Message['signingDomain'],
  subject: row.subject,
  stream: row.stream as Message['stream'],
  tags: tagsOf(row.tags),
  custom: customOf(row.custom),
  trackOpens: Number(row.track_opens) === 1,
  trackClicks: Number(row.track_clicks) === 1,
  expiresAt: Number(row.expires_at),
  size: Number(row.size),
  campaign: row.campaign,
  pool: row.pool,
  wishes: wishesOf(row.wishes),
  ...fillOf(row.fill),
  ...scheduleOf(row.scheduled_at),
})

/** Nearly no message has one. */
const fillOf = (fill: string | null): { readonly fill: string } | null => (fill === null ? null : { fill })
const scheduleOf = (at: Whole | null): { readonly scheduledAt: Milliseconds } | null =>
  at === null ? null : { scheduledAt: Number(at) }

const NO_WISHES: MessageWishes = {}
export const wishesOf = (text: string | null): MessageWishes =>
  text === null ? NO_WISHES : (JSON.parse(text) as MessageWishes)
/** Nearly nobody wishes anything: no text then. */
function wishesText(wishes: MessageWishes): string | null {
  for (const _wish in wishes) return JSON.stringify(wishes)
  return null
}

const NO_TAGS: readonly string[] = []
export const tagsOf = (text: string): readonly string[] =>
  text === '[]' ? NO_TAGS : (JSON.parse(text) as string[])
export const customOf = (text: string | null): Message['custom'] =>
  text === null ? null : (JSON.parse(text) as Record<string, unknown>)

// ── Deliveries ──────────────────────────────────────────────────────────────────────────────────

export const DELIVERY_COLUMNS = [
  'id',
  'message_id',
  'account_id',
  'recipient',
  'destination',
  'state',
  'attempts',
  'due_at',
  'finished_at',
  'dsn',
  'line',
] as const

/** A recipient that is suppressed at the door has its answer at once. */
export const deliveryValues = (delivery: NewDelivery, message: Message): Value[] => [
  delivery.id,
  message.id,
  message.accountId,
  delivery.recipient,
  delivery.destination,
  delivery.state,
  0,
  delivery.state === 'queued' ? delivery.dueAt : null,
  delivery.state === 'suppressed' ? message.createdAt : null,
  delivery.dsn === null ? null : JSON.stringify(delivery.dsn),
  lineOf({
    destination: delivery.destination,
    rank: rankOf(message.stream),
    account: message.accountId,
    campaign: message.campaign ?? '',
  }),
]

export const deliveryOfRow = (row: Selectable<DeliveryTable>): Delivery => ({
  id: row.id as DeliveryId,
  messageId: row.message_id as MessageId,
  recipient: row.recipient as Delivery['recipient'],
  destination: row.destination as Delivery['destination'],
  state: row.state as Delivery['state'],
  attempts: Number(row.attempts),
  dueAt: orNull(row.due_at),
  finishedAt: orNull(row.finished_at),
  dsn: dsnOf(row.dsn),
})

const dsnOf = (text: string | null): DsnWish | null => (text === null ? null : (JSON.parse(text) as DsnWish))

/** What a claim reads: a delivery beside its message. */
export const CLAIMED_COLUMNS = `d.id, d.message_id, d.account_id, m.content_id, d.recipient, d.destination,
  m.reverse_path, m.signing_domain, m.mode, m.stream, m.tags, m.custom, d.attempts, m.created_at, m.expires_at, m.size,
  m.campaign, m.pool, m.wishes, m.fill, m.scheduled_at, d.dsn,
  CASE WHEN d.attempts > 0 THEN
    (SELECT a.source FROM attempts a WHERE a.delivery_id = d.id AND a.source IS NOT NULL
      ORDER BY a.number DESC LIMIT 1) END AS last_source`

export type ClaimedRow = Pick<
  Selectable<DeliveryTable>,
  'id' | 'message_id' | 'account_id' | 'recipient' | 'destination' | 'attempts' | 'dsn'
> &
  Pick<
    Selectable<MessageTable>,
    | 'content_id'
    | 'reverse_path'
    | 'signing_domain'
    | 'mode'
    | 'stream'
    | 'tags'
    | 'custom'
    | 'created_at'
    | 'expires_at'
    | 'size'
    | 'campaign'
    | 'pool'
    | 'wishes'
    | 'fill'
    | 'scheduled_at'
  > & { readonly last_source: string | null }

export const claimedOfRow = (row: ClaimedRow): ClaimedDelivery => ({
  id: row.id as DeliveryId,
  messageId: row.message_id as MessageId,
  accountId: row.account_id as AccountId,
  contentId: row.content_id as ContentId,
  recipient: row.recipient as ClaimedDelivery['recipient'],
  destination: row.destination as ClaimedDelivery['destination'],
  reversePath: row.reverse_path as ClaimedDelivery['reversePath'],
  signingDomain: row.signing_domain as ClaimedDelivery['signingDomain'],
  mode: row.mode as ClaimedDelivery['mode'],
  stream: row.stream as ClaimedDelivery['stream'],
  tags: tagsOf(row.tags),
  custom: customOf(row.custom),
  attempts: Number(row.attempts),
  lastSource: row.last_source,
  createdAt: Number(row.created_at),
  expiresAt: Number(row.expires_at),
  size: Number(row.size),
  campaign: row.campaign,
  pool: row.pool,
  wishes: wishesOf(row.wishes),
  dsn: dsnOf(row.dsn),
  ...fillOf(row.fill),
  ...scheduleOf(row.scheduled_at),
})

/** The deliveries of a message are the keys from `low` up to, but not including, `high` ('/' follows '.'). */
export const deliveryRange = (id: MessageId): { readonly low: string; readonly high: string } => ({
  low: `${id}.`,
  high: `${id}/`,
})

/** The first digits of an id are its time (core/ids.ts): ids below this one were made before `at`. */
export const idBefore = (prefix: 'msg' | 'cnt', at: number): string =>
  `${prefix}_${Math.max(0, Math.floor(at)).toString(36).padStart(8, '0')}`
