//
// Owns: system mail: DSNs, alerts, reports and what is passed on to people. It enters by the one door, is delivered by
// the same queue, and is nobody's: it belongs to the system's own account, counts against no plan and no list.
// Never: a reverse-path. A notice that cannot be delivered is not answered by another one (invariant I5, RFC 5321 §4.5.5).

import { createHash } from 'node:crypto'
import { SYSTEM_ACCOUNT } from '../../core/account.ts'
import { type Domain, type ForwardPath, type Mailbox, parseMailbox } from '../../core/address.ts'
import type { Ids, MessageId } from '../../core/ids.ts'
import type { MessageWishes } from '../../core/message.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Submission } from '../../core/submission.ts'
import { addressField } from '../../mail/mime/addresses.ts'
import { composeReport, type PartEncoding } from '../../mail/mime/compose.ts'
import { sayHeaderFault, unstructuredField } from '../../mail/mime/header-encode.ts'
import { dateOf, messageIdField } from '../submission/compose-headers.ts'
import type { Door } from '../submission/door.ts'

export interface NoticePart {
  readonly contentType: string
  readonly filename?: string
  readonly content: Uint8Array
  readonly description?: string
  /** The content is encoded so already; absent: it is done here. */
  readonly encoded?: PartEncoding
}

export interface Notice {
  readonly to: ForwardPath
  readonly subject: string
  readonly text: string
  readonly html?: string
  /** Behind the text; with `reportType` they are the parts of a multipart/report (RFC 6522). */
  readonly parts?: readonly NoticePart[]
  /** Further fields; those that every notice has cannot be replaced. */
  readonly headers?: Readonly<Record<string, string>>
  /** Such as `delivery-status` (RFC 3464) or `tlsrpt` (RFC 8460). */
  readonly reportType?: string
  readonly kind: 'dsn' | 'alert' | 'report' | 'forward'
  /** The same key within 24 hours sends once. */
  readonly key: string
  readonly from?: 'mailer-daemon' | 'postmaster' | 'tls-reports'
  /** RFC 8689 §5: a DSN about a message that wanted REQUIRETLS wants it as well. */
  readonly wishes?: MessageWishes
}

export interface NoticeSender {
  /** Resolves after the commit. The fault is for the log: no person waits for it. */
  send(notice: Notice): Promise<Result<MessageId, string>>
  /** For who offers it again when the fault passes. */
  offer(notice: Notice): Promise<Result<MessageId, NoticeFault>>
}

export interface NoticeFault {
  /** For the log: no person waits for it. */
  readonly detail: string
  /** The store is in trouble: the same notice may be offered again. Else it never will do. */
  readonly passes: boolean
}

export interface NoticeParts {
  readonly door: Pick<Door, 'submit'>
  /** Our own name: notices are from there. */
  readonly hostname: Domain
  /** The person in charge; null when nobody was named. */
  readonly operator: Mailbox | null
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

const NAMES = { 'mailer-daemon': 'MAILER-DAEMON', postmaster: 'postmaster', 'tls-reports': 'tls-reports' }
const SPOKEN = {
  'mailer-daemon': 'Mail Delivery System',
  postmaster: 'MailWok',
  'tls-reports': 'TLS Reports',
}
/** Ours on every notice. */
const OWN_FIELDS = /^(?:from|to|subject|date|message-id|auto-submitted|mime-version|content-.*)$/i

export class Notices implements NoticeSender {
  readonly #parts: NoticeParts

  constructor(parts: NoticeParts) {
    this.#parts = parts
  }

  async send(notice: Notice): Promise<Result<MessageId, string>> {
    const sent = await this.offer(notice)
    return sent.ok ? sent : fault(sent.error.detail)
  }

  async offer(notice: Notice): Promise<Result<MessageId, NoticeFault>> {
    const { door, log, meter } = this.#parts
    const submission = this.#submission(notice)
    const accepted = submission.ok ? await door.submit(submission.value) : submission
    if (accepted.ok) {
      if (!accepted.value.replayed) meter.count('notices_total', 1, { kind: notice.kind })
      return ok(accepted.value.messageId)
    }
    const { error } = accepted
    const [detail, passes] =
      typeof error === 'string' ? [error, false] : [error.say, error.retryAfter !== undefined]
    log.warn('a notice could not be sent', { kind: notice.kind, key: notice.key, detail })
    return fault({ detail, passes })
  }

  /** Something the operator should know. It is in the log in any case; as mail where an operator is named. */
  async alert(subject: string, text: string, key: string): Promise<Result<MessageId | null, string>> {
    const { log, meter } = this.#parts
    log.error('alert', { subject, key })
    meter.count('alerts_total', 1, { kind: key.split(':')[0] ?? '' })
    return this.#toOperator('alert', { subject, text, key: `alert:${key}` })
  }

  /** What they were alerted of is over. */
  async allClear(subject: string, text: string, key: string): Promise<Result<MessageId | null, string>> {
    this.#parts.log.info('alert over', { subject, key })
    return this.#toOperator('alert', { subject, text, key: `alert:${key}` })
  }

  /** Nothing is wrong: it is their time. */
  report(subject: string, text: string, key: string): Promise<Result<MessageId | null, string>> {
    return this.#toOperator('report', { subject, text, key: `report:${key}` })
  }

  async #toOperator(
    kind: 'alert' | 'report',
    { key, subject, text }: Pick<Notice, 'subject' | 'text' | 'key'>,
  ): Promise<Result<MessageId | null, string>> {
    const { hostname, operator } = this.#parts
    if (operator === null) return ok(null)
    return this.send({ to: operator, subject: `[${hostname}] ${subject}`, text, kind, key })
  }

  #submission(notice: Notice): Result<Submission, string> {
    const { hostname, ids } = this.#parts
    const id = ids.message()
    const name = notice.from ?? (notice.kind === 'dsn' ? 'mailer-daemon' : 'postmaster')
    const from = parseMailbox(`${NAMES[name]}@${hostname}`)
    if (!from.ok) throw new Error(`our own host name ${hostname} makes no mailbox`)
    const header = this.#header(notice, id, { name: SPOKEN[name], mailbox: from.value })
    if (!header.ok) return header
    const bytes = composeReport(
      {
        header: header.value,
        text: notice.text,
        html: notice.html ?? null,
        reportType: notice.reportType ?? null,
        parts: (notice.parts ?? []).map((part) => ({ filename: '', description: '', ...part })),
      },
      id,
    )
    return ok({
      id,
      source: 'notice',
      submitter: { accountId: SYSTEM_ACCOUNT, keyId: null, mode: 'live' },
      reversePath: null,
      forwardPaths: [notice.to],
      dsn: NO_DSN,
      from: from.value,
      fromDomain: hostname,
      subject: notice.subject,
      content: { kind: 'submitted', bytes },
      options: {
        stream: 'transactional',
        tags: [],
        custom: null,
        trackOpens: false,
        trackClicks: false,
        expiresAfter: null,
        // What it says may differ in a time between two tries; the key alone says that it is the same.
        idempotency: { key: notice.key, bodyHash: hashOf(notice.key) },
        campaign: null,
        pool: null,
        wishes: notice.wishes ?? {},
      },
    })
  }

  #header(
    notice: Notice,
    id: MessageId,
    from: { readonly name: string; readonly mailbox: Mailbox },
  ): Result<string, string> {
    const { clock, hostname } = this.#parts
    // RFC 3834 §5: a DSN answers a message, the others answer nobody.
    const auto = notice.kind === 'dsn' ? 'auto-replied' : 'auto-generated'
    const fields = Object.entries(notice.headers ?? {}).filter(([name]) => !OWN_FIELDS.test(name))
    let header = addressField('From', [from]) + addressField('To', [{ name: null, mailbox: notice.to }])
    for (const [name, value] of [['Subject', notice.subject], ['Auto-Submitted', auto], ...fields]) {
      const field = unstructuredField(name ?? '', value ?? '')
      if (!field.ok) return fault(`${name} ${sayHeaderFault(field.error)}`)
      header += field.value
    }
    return ok(`${header}Date: ${dateOf(clock.now())}\r\n${messageIdField(id, hostname)}`)
  }
}

const NO_DSN: Submission['dsn'] = new Map()

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex')
