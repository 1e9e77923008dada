//
// Owns: a list of addresses as another service exports it: which service by its head, and what each row means. Pure.
// Columns are those of the services' documentation, which names them for their APIs, and of lists that people published:
//   SendGrid   docs.sendgrid.com, Bounces, Blocks, Invalid Emails, Spam Reports, Suppressions: created, email, reason, status, ip
//   Mailgun    documentation.mailgun.com, Suppressions, the import of each list: address, code, error, tags, created_at
//   Postmark   postmarkapp.com/developer/api/suppressions-api: EmailAddress, SuppressionReason, Origin, CreatedAt
//   Resend     resend.com/docs, Suppressions and Contacts: email, origin, created_at; email, unsubscribed
//   SES        docs.aws.amazon.com/ses, the import and export of a suppression list: address, reason, time of the last change
// Never: octets (core/csv.ts), or what a single entry may be (by-hand.ts).

import { fused } from '../../core/csv.ts'
import { type EntryDraft, REASONS } from './by-hand.ts'
import {
  bouncedOrBlocked,
  type ForeignVerdict,
  fromWords,
  isSkipped,
  type ListKind,
  verdictOf,
} from './foreign-reasons.ts'

export const LIST_ORIGINS = ['mailwok', 'sendgrid', 'mailgun', 'postmark', 'resend', 'ses'] as const
export type ListOrigin = (typeof LIST_ORIGINS)[number]

/** What somebody knows of a file; null: its head tells. */
export interface ListWish {
  readonly from: ListOrigin | null
  readonly kind: ListKind | null
  /** What the file is called: SendGrid's bounces and blocks differ by nothing else. */
  readonly file?: string
}

export type ListRow = { readonly draft: EntryDraft } | { readonly skip: string }

/** Ours, in their order, where no line names the columns. */
const OWN_COLUMNS = ['address', 'reason', 'scope', 'expiresat', 'note']
/** As services head the column of addresses. */
const ADDRESS: ReadonlySet<string> = new Set(['address', 'email', 'emailaddress', 'recipient'])
const MAX_NOTE = 500

type Cells = ReadonlyMap<string, string>

export class ListReader {
  readonly #wish: ListWish
  #columns: readonly string[] = OWN_COLUMNS
  #origin: ListOrigin
  #kind: ListKind | null
  #isFirst = true

  constructor(wish: ListWish) {
    this.#wish = wish
    this.#origin = wish.from ?? 'mailwok'
    this.#kind = wish.kind
  }

  /** Whose it is, once a row was read. */
  get origin(): ListOrigin {
    return this.#origin
  }

  /** Null: it was a head. */
  read(cells: readonly string[]): ListRow | null {
    const wasFirst = this.#isFirst
    this.#isFirst = false
    if (wasFirst && this.#takeHead(cells)) return null
    const named = new Map(this.#columns.map((name, at) => [name, fused(cells[at] ?? '')]))
    return this.#origin === 'mailwok' ? this.#own(named) : this.#foreign(named)
  }

  #takeHead(cells: readonly string[]): boolean {
    const columns = cells.map(columnOf)
    if (!columns.includes('address')) return false
    this.#columns = columns
    const seen = new Set(cells.map(bare))
    this.#origin = this.#wish.from ?? originOf(seen)
    this.#kind = this.#wish.kind ?? kindOf(this.#origin, seen, this.#wish.file ?? '')
    return true
  }

  #own(row: Cells): ListRow {
    const said = cell(row, 'reason')
    const reason = REASONS.find((one) => one === said) ?? null
    const foreign = said === null || reason !== null ? null : fromWords(said)
    const kept = reason ?? foreign?.reason ?? null
    const draft = {
      address: cell(row, 'address') ?? '',
      scope: cell(row, 'scope'),
      expires_at: cell(row, 'expiresat'),
      note: cell(row, 'note') ?? (reason === null ? (said?.slice(0, MAX_NOTE) ?? null) : null),
    }
    if (kept === null && this.#kind !== null) {
      const verdict = verdictOf(this.#kind, said ?? '')
      return isSkipped(verdict) ? verdict : { draft: { ...draft, reason: verdict.reason } }
    }
    return { draft: { ...draft, reason: kept ?? 'import' } }
  }

  #foreign(row: Cells): ListRow {
    const verdict = this.#verdict(row)
    if (isSkipped(verdict)) return verdict
    const said = ['code', 'status', 'error', 'reason', 'suppressionreason', 'origin', 'tags', 'group']
    const words = said.flatMap((name) => cell(row, name) ?? [])
    const when = cell(row, 'created')
    const note = `${this.#origin}${when === null ? '' : `, ${timeOf(when)}`}: ${words.join(' ')}`
    return {
      draft: {
        address: cell(row, 'address') ?? '',
        reason: verdict.reason,
        scope: verdict.scope === '' ? 'all' : verdict.scope,
        note: note.replace(/: $/, '').slice(0, MAX_NOTE).toWellFormed(),
        expires_at: null,
      },
    }
  }

  #verdict(row: Cells): ForeignVerdict {
    const words = ['code', 'status', 'error', 'reason'].map((name) => cell(row, name) ?? '').join(' ')
    switch (this.#origin) {
      case 'sendgrid':
        if (this.#kind === 'unsubscribes' && cell(row, 'group') !== null) return MARKETING
        return this.#kind === null ? bouncedOrBlocked(words) : verdictOf(this.#kind, words)
      case 'mailgun':
        if (this.#kind === 'unsubscribes') return unsubscribedBy(cell(row, 'tags'))
        return verdictOf(this.#kind ?? 'complaints', words)
      case 'postmark':
        return byPostmark(cell(row, 'suppressionreason') ?? cell(row, 'reason'), cell(row, 'origin'))
      case 'resend':
        return this.#byResend(row)
      case 'ses':
      case 'mailwok':
        return fromWords(cell(row, 'reason') ?? '') ?? this.#elsewise(words)
      default:
        return this.#origin satisfies never
    }
  }

  /** Contacts say whether they unsubscribed; suppressions why they are. */
  #byResend(row: Cells): ForeignVerdict {
    const unsubscribed = cell(row, 'unsubscribed')
    if (unsubscribed !== null) {
      return /^(?:true|yes|1)$/i.test(unsubscribed) ? MARKETING : { skip: 'it is subscribed' }
    }
    const why = cell(row, 'reason') ?? cell(row, 'origin') ?? ''
    return fromWords(why) ?? this.#elsewise(why)
  }

  #elsewise(words: string): ForeignVerdict {
    return this.#kind === null ? IMPORTED : verdictOf(this.#kind, words)
  }
}

/** Who left a list or group stays in reach of a login code. */
const MARKETING: ForeignVerdict = { reason: 'unsubscribe', scope: 'marketing' }
const IMPORTED: ForeignVerdict = { reason: 'import', scope: '' }

/** Mailgun: `*` is all mail, else the tags of mail that is not wanted; a tag is a list here where it can be. */
function unsubscribedBy(tags: string | null): ForeignVerdict {
  const named = (tags ?? '*').replace(/[[\]"']/g, '').trim()
  if (named === '*' || named === '') return { reason: 'unsubscribe', scope: '' }
  return /^[A-Za-z0-9_.-]{1,64}$/.test(named) ? { reason: 'unsubscribe', scope: `list:${named}` } : MARKETING
}

/** Who suppressed himself by hand unsubscribed; a customer or an administrator did something else. */
function byPostmark(reason: string | null, origin: string | null): ForeignVerdict {
  if (/^manual/i.test(reason ?? '')) {
    return /^recipient$/i.test(origin ?? '')
      ? { reason: 'unsubscribe', scope: '' }
      : { reason: 'manual', scope: '' }
  }
  return fromWords(reason ?? '') ?? IMPORTED
}

const bare = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '')

function columnOf(name: string): string {
  const said = bare(name)
  if (ADDRESS.has(said)) return 'address'
  if (/^(?:createdat|created|lastupdatetime|lastupdatedtime|lastupdatetimestamp|date)$/.test(said))
    return 'created'
  if (/^(?:tag|tags)$/.test(said)) return 'tags'
  return /^(?:group|groupid|groupname)$/.test(said) ? 'group' : said
}

function originOf(seen: ReadonlySet<string>): ListOrigin {
  const has = (...names: readonly string[]): boolean => names.some((name) => seen.has(name))
  if (has('scope', 'expiresat', 'note')) return 'mailwok'
  if (has('suppressionreason')) return 'postmark'
  if (has('lastupdatetime', 'lastupdatedtime', 'lastupdatetimestamp')) return 'ses'
  if (has('unsubscribed')) return 'resend'
  if (has('address') && has('createdat')) return 'mailgun'
  if (has('origin')) return has('reason') ? 'postmark' : 'resend'
  return has('email') && has('created') ? 'sendgrid' : 'mailwok'
}

/** By its columns; null: they do not tell. */
function kindOf(origin: ListOrigin, seen: ReadonlySet<string>, file: string): ListKind | null {
  if (origin === 'sendgrid') {
    if (seen.has('ip')) return 'complaints'
    const named = kindByName(file)
    if (seen.has('status')) return named === 'blocks' || named === 'bounces' ? named : null
    return named ?? (seen.has('reason') ? 'invalid' : 'unsubscribes')
  }
  if (origin !== 'mailgun') return null
  if (seen.has('code') || seen.has('error')) return 'bounces'
  return seen.has('tags') || seen.has('tag') ? 'unsubscribes' : 'complaints'
}

/** As SendGrid names its files, such as `suppression_blocks.csv`; null: the name does not tell. */
function kindByName(file: string): ListKind | null {
  const name = file.toLowerCase().slice(file.lastIndexOf('/') + 1)
  if (/block/.test(name)) return 'blocks'
  if (/bounce/.test(name)) return 'bounces'
  if (/spam|complain/.test(name)) return 'complaints'
  if (/invalid/.test(name)) return 'invalid'
  return /unsub/.test(name) ? 'unsubscribes' : null
}

const cell = (row: Cells, name: string): string | null => row.get(name) || null

/** Seconds since 1970 as people read them. */
function timeOf(text: string): string {
  if (!/^\d{9,10}$/.test(text)) return text.slice(0, 40)
  return new Date(Number(text) * 1000).toISOString()
}
