//
// Owns: content that many messages share: checked and compiled once, then proven to render with what each message adds. Pure.
// Never: keeps what a message's data come to; the delivery worker merges again (net/delivery/merging.ts).

import type { Content } from '../../core/content.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { NewFill } from '../../core/submission.ts'
import { withCrlf } from '../../mail/mime/body-encode.ts'
import type { MergeTemplates } from '../../mail/templates/merge.ts'
import {
  compilePlain,
  type MergeData,
  type PlainTemplate,
  provePlain,
} from '../../mail/templates/plain-template.ts'
import { textAlternative } from '../../mail/templates/text-alternative.ts'
import { bodyDataOf, type Draft, isMissing, refuse, templateFaultField, textFaults } from './compose.ts'
import { attachmentsOf } from './compose-attachments.ts'
import { commonHeader, type HeaderFacts, ownHeader } from './compose-headers.ts'
import { foreignMarks } from './foreign-marks.ts'
import type { FieldFault, Refusal } from './refusal.ts'

/** What messages have in common; `merges`: there are tags in it, and each brings data. */
export type CommonDraft = Omit<Draft, 'to' | 'cc' | 'subject' | 'data'> & { readonly merges: boolean }
export type OwnDraft = Pick<Draft, 'to' | 'cc' | 'subject'> & { readonly data: MergeData }

export interface Common {
  readonly draft: CommonDraft
  readonly content: Extract<Content, { kind: 'merged' }>
  readonly headerOctets: number
  readonly attachedOctets: number
  /** Html and text where they hold plain tags alone; absent: they have to be rendered to prove that they can be. */
  readonly plain?: readonly PlainTemplate[]
}

export function composeCommon(draft: CommonDraft): Result<Common, Refusal> {
  if (isMissing(draft.html) && isMissing(draft.text) && draft.attachments.length === 0) {
    return refuse('missing_content', [{ path: 'html', code: 'missing', message: 'give html, text or both' }])
  }
  const marks = foreignMarks({ ...draft, data: null })
  if (marks.length > 0) return refuse('invalid_content', marks)
  const bodyFaults = [...textFaults('html', draft.html), ...textFaults('text', draft.text)]
  if (bodyFaults.length > 0) return refuse('invalid_content', bodyFaults)
  const headerFaults: FieldFault[] = []
  const header = commonHeader(draft, headerFaults)
  if (headerFaults.length > 0) return refuse('invalid_header', headerFaults)
  const attachmentFaults: FieldFault[] = []
  const attachments = attachmentsOf(draft.attachments, attachmentFaults)
  if (attachmentFaults.length > 0) return refuse('invalid_content', attachmentFaults)
  const html = draft.html === null ? null : withCrlf(draft.html)
  const parts = {
    header,
    html,
    text: textOf(draft, html),
    wayOut: draft.merges ? (draft.wayOut ?? null) : null,
    attachments,
  }
  return ok({
    draft,
    content: { kind: 'merged', parts },
    headerOctets: Buffer.byteLength(header),
    attachedOctets: attachments.reduce((sum, { base64 }) => sum + base64.length, 0),
    ...plainOf([parts.html, parts.text]),
  })
}

function plainOf(bodies: readonly (string | null)[]): Pick<Common, 'plain'> {
  const plain = bodies.map((body) => compilePlain(body ?? ''))
  return plain.every((each) => each !== null) ? { plain } : {}
}

/**
 * Where only html is given and holds nothing but plain tags, the text part is made of it once, tags and all: made of
 * each copy it costs many times what merging does. Null: it has to be.
 */
function textOf({ merges, text }: CommonDraft, html: string | null): string | null {
  if (text !== null) return withCrlf(text)
  if (html === null) return null
  const alternative = withCrlf(textAlternative(html))
  if (!merges) return alternative
  const known = tagsOf(html)
  // A tag may have been cut in two, or have come out of what html spells with references.
  return known !== null && tagsOf(alternative)?.isSubsetOf(known) ? alternative : null
}

/** Names of its variables; null when it holds more than plain tags. */
function tagsOf(source: string): Set<string> | null {
  const plain = compilePlain(source)
  return plain === null ? null : new Set(plain.holes.map((path) => path.join('.')))
}

export interface FillFacts extends HeaderFacts {
  readonly templates: MergeTemplates
  /** Octets of the whole message. */
  readonly maxMessageSize: number
}

export interface Filled {
  readonly fill: NewFill
  /** As the reader sees it. */
  readonly subject: string
}

export function fillOf(common: Common, own: OwnDraft, facts: FillFacts): Result<Filled, Refusal> {
  const { draft } = common
  const data = draft.merges ? own.data : null
  const merged =
    data === null
      ? ok({ subject: own.subject, characters: lengthOf(common.content.parts) })
      : proven(common, own, facts)
  if (!merged.ok) return merged
  const { characters, subject } = merged.value
  if (common.attachedOctets + characters > facts.maxMessageSize) {
    const say = `The message has more than ${facts.maxMessageSize} octets once it is merged; at most so many are allowed.`
    return fault({ code: 'message_too_large', say })
  }
  const faults: FieldFault[] = []
  const header = ownHeader(
    { ...own, from: draft.from, subject },
    { messageId: facts.messageId, date: facts.date, common: common.headerOctets },
    faults,
  )
  if (faults.length > 0) return refuse('invalid_header', faults)
  return ok({ fill: { header, data: data === null ? null : JSON.stringify(data) }, subject })
}

interface Proven {
  readonly subject: string
  /** Of html and text. */
  readonly characters: number
}

function proven(
  common: Common,
  { data, subject }: OwnDraft,
  { templates }: FillFacts,
): Result<Proven, Refusal> {
  const { content, draft, plain } = common
  const marks = foreignMarks({ html: null, text: null, data, wayOut: draft.wayOut ?? null })
  if (marks.length > 0) return refuse('invalid_content', marks)
  const values = bodyDataOf(data, draft.wayOut)
  const characters = plain ? charactersOf(plain, values) : null
  const { html, text } = characters === null ? content.parts : NO_BODY
  const merged = templates.renderMerge({ subject, html, text }, data, values)
  if (!merged.ok) return refuse('template_error', [templateFaultField(merged.error)])
  if (characters !== null) {
    return ok({ subject: merged.value.subject, characters: characters + lengthOf(content.parts) })
  }
  const faults = [...textFaults('html', merged.value.html), ...textFaults('text', merged.value.text)]
  if (faults.length > 0) return refuse('invalid_content', faults)
  return ok({ subject: merged.value.subject, characters: lengthOf(merged.value) })
}

const NO_BODY = { html: null, text: null } as const

/** Null: one of them has to be rendered, were it for the words in which it is refused. */
function charactersOf(plain: readonly PlainTemplate[], values: MergeData): number | null {
  let sum = 0
  for (const template of plain) {
    const characters = provePlain(template, values)
    if (characters === null) return null
    sum += characters
  }
  return sum
}

const lengthOf = ({ html, text }: { readonly html: string | null; readonly text: string | null }): number =>
  (html?.length ?? 0) + (text?.length ?? 0)
