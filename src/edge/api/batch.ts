//
// Owns: from the body of a batch to its submissions, one for each message, or why there is none. What messages have in
// common is read and compiled once. Pure.
// Never: permission or limits (the door).

import { domainOf, type NamedMailbox } from '../../core/address.ts'
import type { MessageId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Submission } from '../../core/submission.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { type Common, composeCommon, fillOf } from '../../services/submission/compose-merged.ts'
import type { DoorLimits } from '../../services/submission/door.ts'
import { tooManyRecipients } from '../../services/submission/policy.ts'
import type { FieldFault } from '../../services/submission/refusal.ts'
import { fromRefusal, type Problem } from './problem.ts'
import { type BatchBody, BatchMessage, messageCheck } from './schema/batch.ts'
import type { SendBody } from './schema/send.ts'
import {
  draftOf,
  invalid,
  NO_CONTENT,
  NO_DSN,
  one,
  optionsOf,
  readSend,
  type SendFacts,
  several,
  timeOf,
  unique,
} from './send.ts'
import { readList, type SendList } from './send-list.ts'
import { ofTemplate, worded } from './template-send.ts'
import { SLICE } from './turns.ts'
import { validationProblem } from './validation.ts'

export interface BatchFacts extends Omit<SendFacts, 'id' | 'idempotency' | 'limits'> {
  readonly limits: DoorLimits
  /** A message's id. */
  id(): MessageId
  readonly published: Parameters<typeof worded>[2]
  monotonic(): Milliseconds
  /** Lets others go on, and comes back. */
  turn(spent: Milliseconds): Promise<void>
}

/** What all messages of one content have in common. */
interface Shared {
  readonly from: NamedMailbox
  readonly list: SendList
  readonly common: Common
}

/** Fields that make a content: messages that have these in common are sent of one. */
const CONTENT_FIELDS = [
  'from',
  'reply_to',
  'headers',
  'html',
  'text',
  'template_id',
  'attachments',
  'stream',
  'list',
  'list_unsubscribe',
] as const satisfies readonly (keyof SendBody & keyof BatchMessage)[]

/** Everything a send has, if nothing is missing. */
type Whole = Omit<SendBody, 'from'> & Partial<Pick<SendBody, 'from'>>

export async function readBatch(body: BatchBody, facts: BatchFacts): Promise<Result<Submission, Problem>[]> {
  const { messages, mode, ...defaults } = body
  const asked: Result<Asked, Problem>[] = []
  for (const message of messages) {
    const read = wholeOf(message, defaults)
    asked.push(
      read.ok && read.value.whole.template_id !== undefined ? await templated(read.value, facts) : read,
    )
  }
  const sharers = new Map<string, number>()
  for (const one of asked) if (one.ok) sharers.set(one.value.name, (sharers.get(one.value.name) ?? 0) + 1)
  const known = new Map<string, Result<Shared, Problem>>()
  const readOne = ({ name, template, whole }: Asked): Result<Submission, Problem> => {
    const read =
      sharers.get(name) === 1 ? readAlone(whole, facts) : readSharing({ name, whole }, known, facts)
    return read.ok ? read : fault(ofTemplate(read.error, template))
  }
  const entries: Result<Submission, Problem>[] = []
  let since = facts.monotonic()
  let spent: Milliseconds = 0
  for (const one of asked) {
    const isLate = spent > MAX_READING
    const read = isLate ? () => TOO_SLOW : readOne
    const entry = one.ok ? read(one.value) : one
    entries.push(entry)
    // One that is bad refuses all: nobody needs to know of the rest.
    if (mode === 'strict' && !entry.ok) return entries
    const took = facts.monotonic() - since
    if (took < SLICE || isLate) continue
    spent += took
    await facts.turn(took)
    since = facts.monotonic()
  }
  return entries
}

/**
 * Of the serving thread, for all of a request: five hundred pages of 4 KB with loops in them take half a second, plain
 * tags a fiftieth of that.
 */
const MAX_READING: Milliseconds = 3 * SECOND

const TOO_SLOW: Result<never, Problem> = fault({
  code: 'template_error',
  message: `the messages before this one took more than ${MAX_READING / SECOND} s to merge, and it was not looked at: send it in another batch, with less to work out in its templates.`,
  fields: [
    {
      path: 'data',
      code: 'batch_too_slow',
      message: `is not merged: the messages before this one took more than ${MAX_READING / SECOND} s`,
    },
  ],
})

interface Asked {
  readonly whole: Whole
  /** The same for all that can be sent of one content. */
  readonly name: string
  /** Of which its words are; null: they are its own. */
  readonly template: string | null
}

function wholeOf(message: BatchMessage, all: Omit<BatchBody, 'messages' | 'mode'>): Result<Asked, Problem> {
  const check = messageCheck()
  if (!check.Check(message)) {
    return fault(validationProblem(check.Errors(message), BatchMessage, 'the message'))
  }
  // What is of its own replaces what all have; data are laid over each other, name by name.
  const data = all.data && message.data ? { ...all.data, ...message.data } : null
  const whole: Whole = { ...all, ...message, ...(data === null ? null : { data }) }
  if (message.template_id !== undefined) dropUnlessOwn(whole, message, ['html', 'text'])
  else if (message.html !== undefined || message.text !== undefined) {
    dropUnlessOwn(whole, message, ['html', 'text', 'template_id'])
  }
  const merges = whole.data !== undefined || whole.template_id !== undefined
  return ok({ whole, name: nameOf(message, merges), template: null })
}

/** Words come from one place: its own html goes without the text that is for all. */
function dropUnlessOwn(
  whole: Whole,
  message: BatchMessage,
  fields: readonly ('html' | 'text' | 'template_id')[],
): void {
  for (const field of fields) if (message[field] === undefined) delete whole[field]
}

async function templated(asked: Asked, facts: BatchFacts): Promise<Result<Asked, Problem>> {
  const words = await worded(asked.whole, facts.submitter.accountId, facts.published)
  return words.ok ? ok({ ...asked, whole: words.value.body, template: words.value.template }) : words
}

function readAlone(whole: Whole, facts: BatchFacts): Result<Submission, Problem> {
  if (whole.from === undefined) return fault(invalid([NO_FROM]))
  return readSend({ ...whole, from: whole.from }, { ...facts, id: facts.id(), idempotency: null })
}

function readSharing(
  { name, whole }: Pick<Asked, 'name' | 'whole'>,
  known: Map<string, Result<Shared, Problem>>,
  facts: BatchFacts,
): Result<Submission, Problem> {
  const shared = known.get(name) ?? sharedOf(whole, facts)
  known.set(name, shared)
  return shared.ok ? readOwn(whole, shared.value, facts) : shared
}

function nameOf(message: BatchMessage, merges: boolean): string {
  const kind = merges ? 'merged' : 'plain'
  let own: Partial<Record<(typeof CONTENT_FIELDS)[number], unknown>> | null = null
  for (const field of CONTENT_FIELDS) {
    if (message[field] === undefined) continue
    own ??= {}
    own[field] = message[field]
  }
  if (own === null) return kind
  const text = JSON.stringify(own)
  return `${kind} ${text.length < 256 ? text : Bun.SHA256.hash(text, 'base64')}`
}

function sharedOf(whole: Whole, facts: BatchFacts): Result<Shared, Problem> {
  if (whole.from === undefined) return fault(invalid([NO_FROM]))
  const body: SendBody = { ...whole, from: whole.from }
  if (!body.html && !body.text) return fault(NO_CONTENT)
  const faults: FieldFault[] = []
  const from = one(body.from, 'from', faults)
  const replyTo = several(body.reply_to, 'reply_to', faults)
  const list = readList(body, from === null ? '' : facts.ways.baseFor(domainOf(from.mailbox)), faults)
  if (faults.length > 0 || from === null) return fault(invalid(faults))
  const draft = draftOf(body, { from, to: [], cc: [], replyTo }, list)
  const common = composeCommon({ ...draft, merges: body.data !== undefined })
  return common.ok ? ok({ from, list, common: common.value }) : fault(fromRefusal(common.error))
}

function readOwn(whole: Whole, shared: Shared, facts: BatchFacts): Result<Submission, Problem> {
  const { common, from, list } = shared
  const faults: FieldFault[] = []
  const to = several(whole.to, 'to', faults)
  const cc = several(whole.cc, 'cc', faults)
  const bcc = several(whole.bcc, 'bcc', faults)
  const scheduledAt = whole.scheduled_at === undefined ? null : timeOf(whole.scheduled_at, facts.now, faults)
  const options = optionsOf(whole, { idempotency: null, scheduledAt, wishes: list.wishes }, faults)
  if (whole.subject === undefined) {
    faults.push({ path: 'subject', code: 'required', message: 'is required' })
  }
  if (faults.length > 0) return fault(invalid(faults))
  const forwardPaths = unique([...to, ...cc, ...bcc])
  const tooMany = tooManyRecipients(forwardPaths.length, facts.limits)
  if (tooMany) return fault(fromRefusal(tooMany))
  const id = facts.id()
  const filled = fillOf(
    common,
    { to, cc, subject: whole.subject ?? '', data: whole.data ?? {} },
    {
      messageId: id,
      date: scheduledAt ?? facts.now,
      templates: facts.templates,
      maxMessageSize: facts.limits.maxMessageSize,
    },
  )
  if (!filled.ok) return fault(fromRefusal(filled.error))
  return ok({
    id,
    source: 'api',
    submitter: facts.submitter,
    reversePath: from.mailbox,
    forwardPaths,
    dsn: NO_DSN,
    from: from.mailbox,
    fromDomain: domainOf(from.mailbox),
    subject: filled.value.subject,
    content: common.content,
    fill: filled.value.fill,
    options,
  })
}

const NO_FROM: FieldFault = {
  path: 'from',
  code: 'required',
  message: 'is required, above the messages or in each of them',
}
