//
// Owns: from the body of a send to a `Submission`: addresses parsed, options read, content composed. Pure.
// Never: permission or limits (the door).

import { domainOf, type ForwardPath, type NamedMailbox } from '../../core/address.ts'
import type { MessageId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Idempotency, Submission, SubmissionOptions, Submitter } from '../../core/submission.ts'
import { DAY, HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'
import { parseNamedMailbox, sayAddressListFault } from '../../mail/mime/addresses.ts'
import type { MergeTemplates } from '../../mail/templates/merge.ts'
import { composeContent, type Draft } from '../../services/submission/compose.ts'
import type { DoorLimits, WaysOut } from '../../services/submission/door.ts'
import { tooManyRecipients } from '../../services/submission/policy.ts'
import { MAX_CUSTOM, MAX_EXPIRES_AFTER, MIN_EXPIRES_AFTER } from '../../services/submission/raw-options.ts'
import type { FieldFault } from '../../services/submission/refusal.ts'
import { parseScheduledAt } from '../../services/submission/scheduled-at.ts'
import { fromRefusal, type Problem } from './problem.ts'
import type { SendBody } from './schema/send.ts'
import { readList, type SendList } from './send-list.ts'

export interface SendFacts {
  readonly id: MessageId
  readonly now: Milliseconds
  readonly submitter: Submitter
  readonly idempotency: Idempotency | null
  readonly templates: MergeTemplates
  readonly limits: Pick<DoorLimits, 'maxRecipients'>
  readonly ways: Pick<WaysOut, 'baseFor'>
}

export function readSend(body: SendBody, facts: SendFacts): Result<Submission, Problem> {
  const faults: FieldFault[] = [...notYet(body)]
  const from = one(body.from, 'from', faults)
  const to = several(body.to, 'to', faults)
  const cc = several(body.cc, 'cc', faults)
  const bcc = several(body.bcc, 'bcc', faults)
  const replyTo = several(body.reply_to, 'reply_to', faults)
  const list = readList(body, from === null ? '' : facts.ways.baseFor(domainOf(from.mailbox)), faults)
  const scheduledAt = body.scheduled_at === undefined ? null : timeOf(body.scheduled_at, facts.now, faults)
  const given = { idempotency: facts.idempotency, scheduledAt, wishes: list.wishes }
  const options = optionsOf(body, given, faults)
  if (body.subject === undefined) {
    faults.push({ path: 'subject', code: 'required', message: 'is required' })
  }
  if (faults.length > 0 || from === null) return fault(invalid(faults))
  if (!body.html && !body.text) return fault(NO_CONTENT)
  const forwardPaths = unique([...to, ...cc, ...bcc])
  const tooMany = tooManyRecipients(forwardPaths.length, facts.limits)
  if (tooMany) return fault(fromRefusal(tooMany))
  const composed = composeContent(draftOf(body, { from, to, cc, replyTo }, list), {
    messageId: facts.id,
    date: scheduledAt ?? facts.now,
    templates: facts.templates,
  })
  if (!composed.ok) return fault(fromRefusal(composed.error))
  return ok({
    id: facts.id,
    source: 'api',
    submitter: facts.submitter,
    reversePath: from.mailbox,
    forwardPaths,
    dsn: NO_DSN,
    from: from.mailbox,
    fromDomain: domainOf(from.mailbox),
    subject: composed.value.subject,
    content: composed.value.content,
    options,
  })
}

export const draftOf = (
  body: SendBody,
  people: Pick<Draft, 'from' | 'to' | 'cc' | 'replyTo'>,
  list: SendList,
): Draft => ({
  ...people,
  subject: body.subject ?? '',
  headers: { ...body.headers, ...list.headers },
  html: body.html || null,
  text: body.text || null,
  data: body.data ?? null,
  wayOut: list.url,
  attachments: (body.attachments ?? []).map((each) => ({
    filename: each.filename,
    content: each.content,
    contentType: each.content_type ?? null,
    contentId: each.content_id ?? null,
  })),
})

/** Asked for by name, so that nobody believes it happened. */
export function notYet(body: SendBody): FieldFault[] {
  const named = (path: string, message: string): FieldFault => ({ path, code: 'not_available', message })
  const faults: FieldFault[] = []
  if (body.template_id !== undefined)
    faults.push(named('template_id', 'names no template: templates are not in this version'))
  return faults
}

export const NO_CONTENT: Problem = {
  code: 'missing_content',
  message: 'Neither html nor text was given; one of them is needed.',
  fields: [{ path: 'html', code: 'missing_content', message: 'give html, text or both' }],
}

export const invalid = (faults: readonly FieldFault[]): Problem => {
  const [first] = faults
  return {
    code: 'validation_failed',
    message: first ? `${first.path} ${first.message}.` : 'The body is not as documented.',
    fields: faults,
  }
}

export function one(text: string, path: string, faults: FieldFault[]): NamedMailbox | null {
  const parsed = parseNamedMailbox(text)
  if (parsed.ok) return parsed.value
  faults.push({ path, code: 'invalid_address', message: sayAddressListFault(parsed.error) })
  return null
}

export function several(
  texts: string | readonly string[] | undefined,
  path: string,
  faults: FieldFault[],
): NamedMailbox[] {
  if (texts === undefined) return []
  if (typeof texts === 'string') {
    const single = one(texts, path, faults)
    return single ? [single] : []
  }
  const list: NamedMailbox[] = []
  for (const [place, text] of texts.entries()) {
    const each = one(text, `${path}[${place}]`, faults)
    if (each) list.push(each)
  }
  return list
}

/** A person named twice gets one copy. */
export function unique(people: readonly NamedMailbox[]): ForwardPath[] {
  const paths = people.map(({ mailbox }) => mailbox)
  return paths.length < 2 ? paths : [...new Set(paths)]
}

export function optionsOf(
  body: Omit<SendBody, 'from'>,
  { idempotency, scheduledAt, wishes }: Pick<SubmissionOptions, 'idempotency' | 'scheduledAt' | 'wishes'>,
  faults: FieldFault[],
): SubmissionOptions {
  if (body.custom && Buffer.byteLength(JSON.stringify(body.custom)) > MAX_CUSTOM) {
    faults.push({
      path: 'custom',
      code: 'too_large',
      message: `has more than ${MAX_CUSTOM} octets as JSON`,
    })
  }
  return {
    stream: body.stream ?? 'transactional',
    tags: body.tags ?? [],
    custom: body.custom ?? null,
    trackOpens: body.track_opens ?? true,
    trackClicks: body.track_clicks ?? true,
    expiresAfter: body.expires_after === undefined ? null : lifeOf(body.expires_after, faults),
    ...(scheduledAt == null ? null : { scheduledAt }),
    idempotency,
    campaign: body.campaign ?? null,
    pool: body.ip_pool ?? null,
    wishes,
  }
}

/** Null: at once, or it was at fault. */
export function timeOf(text: string, now: Milliseconds, faults: FieldFault[]): Milliseconds | null {
  const at = parseScheduledAt(text, now)
  if (at.ok) return at.value
  faults.push({ path: 'scheduled_at', ...at.error })
  return null
}

/** RFC 3461 belongs to SMTP: who sends by REST reads events. */
export const NO_DSN: Submission['dsn'] = new Map()

function lifeOf(text: string, faults: FieldFault[]): Milliseconds | null {
  const match = /^(\d{1,6})([mhd])$/.exec(text)
  const unit = { m: MINUTE, h: HOUR, d: DAY }[match?.[2] ?? '']
  const life = match && unit !== undefined ? Number(match[1]) * unit : null
  if (life !== null && life >= MIN_EXPIRES_AFTER && life <= MAX_EXPIRES_AFTER) return life
  faults.push({
    path: 'expires_after',
    code: 'invalid',
    message: `is ${JSON.stringify(text)}; want a duration from "10m" to "5d"`,
  })
  return null
}
