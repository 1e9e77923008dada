//
// Owns: from the bytes of a client (SMTP, /v1/email/raw) to a Submission: what RFC 6409 §8 lets an MSA add or fix.
// Never: touches the body, or a header field that is not ours, Bcc or Return-Path (decision 8).

import { createHash } from 'node:crypto'
import { domainOf } from '../../core/address.ts'
import type { MessageId } from '../../core/ids.ts'
import type { MessageWishes } from '../../core/message.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Idempotency, Submission } from '../../core/submission.ts'
import type { Milliseconds } from '../../core/time.ts'
import { editedHeader } from '../../mail/mime/edit.ts'
import { decodeEncodedWords } from '../../mail/mime/encoded-word.ts'
import { type HeaderScan, sayScanFault, scanMessage } from '../../mail/mime/scan.ts'
import { dateOf, messageIdField } from './compose-headers.ts'
import type { RawSubmission } from './door.ts'
import { authorOf } from './raw-author.ts'
import { OPTION_PREFIX, type RawOptions, readOptions } from './raw-options.ts'
import type { Refusal } from './refusal.ts'

export interface RawFacts {
  readonly id: MessageId
  /** Received fields of a message that is not yet a loop (RFC 5321 §6.3). */
  readonly maxReceived: number
  readonly now: Milliseconds
}

/** What lists and logs show of a subject. */
const MAX_SUBJECT = 998

export function readRaw(raw: RawSubmission, facts: RawFacts): Result<Submission, Refusal> {
  const scanned = scanMessage(raw.bytes)
  if (!scanned.ok)
    return fault({ code: 'invalid_content', say: `The message was refused: ${sayScanFault(scanned.error)}` })
  const scan = scanned.value
  if (scan.count('received') > facts.maxReceived) {
    return fault({
      code: 'mail_loop',
      say: `The message has more than ${facts.maxReceived} Received fields: it goes round in a loop`,
    })
  }
  const loose = scan.fields.find(({ name, start, valueStart }) => valueStart - start - 1 !== name.length)
  if (loose) return fault(looseField(loose.name))
  const author = authorOf(scan, raw.submitter.authors)
  if (!author.ok) return author
  const read = readOptions(scan, facts.now)
  if (!read.ok) return read
  const from = author.value
  const fromDomain = domainOf(from)
  return ok({
    id: facts.id,
    source: raw.source,
    submitter: raw.submitter,
    reversePath: raw.reversePath,
    forwardPaths: raw.forwardPaths.length === 1 ? raw.forwardPaths : [...new Set(raw.forwardPaths)],
    dsn: raw.dsn ?? NO_DSN,
    from,
    fromDomain,
    subject: subjectOf(scan),
    content: contentOf(
      raw,
      scan,
      ownFields(scan, facts, { fromDomain, scheduledAt: read.value.scheduledAt ?? null }),
    ),
    options: optionsOf(read.value, scan, raw),
  })
}

/** Field by field: to leave one out of a copy costs more than all the others. */
function optionsOf(read: RawOptions, scan: HeaderScan, raw: RawSubmission): Submission['options'] {
  const idempotencyKey = raw.idempotencyKey ?? read.idempotencyKey
  return {
    stream: read.stream,
    tags: read.tags,
    custom: read.custom,
    trackOpens: read.trackOpens,
    trackClicks: read.trackClicks,
    expiresAfter: read.expiresAfter,
    ...(read.scheduledAt == null ? null : { scheduledAt: read.scheduledAt }),
    campaign: read.campaign,
    pool: read.pool,
    wishes: { ...read.wishes, ...tlsWish(scan, raw), ...raw.wishes },
    idempotency: idempotencyKey === null ? null : idempotencyOf(idempotencyKey, raw),
  }
}

const NO_DSN: Submission['dsn'] = new Map()

/** RFC 8689 §5: the field is ignored where the envelope demands TLS. */
function tlsWish(scan: HeaderScan, { wishes }: RawSubmission): MessageWishes {
  if (wishes?.requireTls || scan.count('tls-required') === 0) return {}
  return /^no$/i.test((scan.value('tls-required') ?? '').trim()) ? { tlsOptional: true } : {}
}

/**
 * `From : x` is a field to some readers (RFC 5322 §4.5) and the end of the header to others, verifiers of signatures
 * among them; and who may not generate it must not (§4).
 */
function looseField(name: string): Refusal {
  const message = `The field ${name} has white space before its colon (RFC 5322 section 2.2)`
  return {
    code: 'invalid_header',
    say: message,
    fields: [{ path: `headers.${name}`, code: 'invalid', message }],
  }
}

function subjectOf(scan: HeaderScan): string {
  const subject = decodeEncodedWords(scan.value('subject') ?? '')
  return subject
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, MAX_SUBJECT)
    .toWellFormed()
}

interface Own {
  /** What is missing, each ended by CRLF. */
  readonly lines: string
  /** Whether a Date of ours takes the place of what was there. */
  readonly redates: boolean
}

/**
 * RFC 6409 §8.2, §8.3. Mail that waits for a time of its own carries that: readers would find it among what came when it
 * was written, and filters count an old Date against it. What its author has signed stays as it was signed.
 */
function ownFields(
  scan: HeaderScan,
  facts: RawFacts,
  { fromDomain, scheduledAt = null }: Pick<Submission, 'fromDomain'> & Pick<RawOptions, 'scheduledAt'>,
): Own {
  const redates = scheduledAt !== null && scan.count('dkim-signature') === 0
  const date = redates || scan.count('date') === 0 ? `Date: ${dateOf(scheduledAt ?? facts.now)}\r\n` : ''
  const lines = scan.count('message-id') === 0 ? messageIdField(facts.id, fromDomain) + date : date
  return { lines, redates }
}

/**
 * Bcc and Resent-Bcc are for the envelope alone (RFC 5322 §3.6.3, §3.6.6), Return-Path is the last host's (RFC 5321
 * §4.4), and ours are answered here.
 */
const isDropped = (name: string): boolean =>
  name === 'bcc' || name === 'resent-bcc' || name === 'return-path' || name.startsWith(OPTION_PREFIX)

/** For the fields of feedback-fields.ts: a name of 253 octets in them is as long as it gets. */
const ROOM = 512

function contentOf(raw: RawSubmission, scan: HeaderScan, own: Own): Submission['content'] {
  const lines = (raw.received ?? '') + own.lines
  const drop = own.redates ? (name: string) => name === 'date' || isDropped(name) : isDropped
  const { bytes, room } = editedHeader(raw.bytes, scan, { drop, lines, room: ROOM })
  const unfinished = bytes[bytes.length - 1] !== LF
  if (!unfinished && scan.headerEnd < raw.bytes.length) return { kind: 'submitted', bytes, room }
  // Over HTTP a last line may lack its end, and a message without body its empty line. On the wire both are needed.
  const ending = (unfinished ? '\r\n' : '') + (scan.headerEnd < raw.bytes.length ? '' : '\r\n')
  return { kind: 'submitted', bytes: Buffer.concat([bytes, Buffer.from(ending, 'latin1')]) }
}
const LF = 10

/** The same key with other bytes or another envelope is another message (api.md B, Idempotency). */
function idempotencyOf(key: string, raw: RawSubmission): Idempotency {
  const hash = createHash('sha256')
  hash.update(`${raw.reversePath ?? ''}\n${raw.forwardPaths.join('\n')}\n\n`).update(raw.bytes)
  return { key, bodyHash: hash.digest('hex') }
}
