//
// Owns: reports that servers write for people: which lines name a recipient, and which words belong to it.
// Never: goes by one server's whole text: what these notices have in common is an address on a line of its own kind,
// and the reason beside, below or, when there is one recipient, anywhere.

import { type DeliveryReport, MAX_RECIPIENTS } from './delivery-status.ts'
import { judgeReport } from './judge-report.ts'
import type { ReturnedMessage } from './message-parts.ts'
import { hasServersName, isFromDaemon, isFromServer, noticeLines, subjectOf } from './notice.ts'
import { isDelay, opensReport, returnsMail } from './notice-openings.ts'
import { folded } from './phrase.ts'
import { soleAddress } from './sole-address.ts'

interface Segment {
  readonly recipient: string
  readonly lines: string[]
}

export function readFreeForm(message: ReturnedMessage): readonly DeliveryReport[] {
  if (!isFromServer(message)) return []
  const lines = noticeLines(message)
  const whole = lines.join('\n')
  const words = `${subjectOf(message)} ${folded(whole)}`
  const opens = opensReport(words)
  if (!opens && !(isAutomatic(message) && returnsMail(words))) return []
  const named = failedRecipients(message)
  const segments = segmentsOf(lines)
  const found = new Map<string, Segment>()
  for (const segment of segments) {
    const key = segment.recipient.toLowerCase()
    const had = found.get(key)
    if (had === undefined) found.set(key, segment)
    else had.lines.push(...segment.lines)
  }
  const sole = found.size === 0 && named.length === 0 ? soleAddress(lines, message.header) : null
  for (const recipient of sole === null ? named : [sole]) {
    if (!found.has(recipient.toLowerCase())) found.set(recipient.toLowerCase(), { recipient, lines: [] })
  }
  // The header names them all: what else looked like a recipient was part of somebody's words.
  const wanted = named.length === 0 ? null : new Set(named.map((recipient) => recipient.toLowerCase()))
  const chosen = [...found]
    .filter(([key]) => wanted === null || wanted.has(key))
    .map(([, segment]) => segment)
  const delayed = isDelay(words)
  const reports = chosen.slice(0, MAX_RECIPIENTS).map(
    (segment): DeliveryReport => ({
      recipient: segment.recipient,
      originalRecipient: null,
      action: delayed ? 'delayed' : 'failed',
      status: null,
      diagnostic: segment.lines.join('\n').trim(),
      remark: chosen.length === 1 ? whole : segment.lines.join('\n'),
      remoteMta: null,
    }),
  )
  return opens ? reports : reports.filter((report) => judgeReport(report).reason !== 'other')
}

const isAutomatic = (message: ReturnedMessage): boolean =>
  hasServersName(message) && message.header.get('return-path') === '<>'

/** Exim and Google write it. */
function failedRecipients(message: ReturnedMessage): readonly string[] {
  return message.header
    .all('x-failed-recipients')
    .flatMap((value) => value.split(','))
    .map((address) => address.trim())
    .filter((address) => address.includes('@'))
    .slice(0, MAX_RECIPIENTS)
}

/** The words that stand with each recipient; also for reports whose own fields say little. */
export function segmentsOf(lines: readonly string[]): readonly Segment[] {
  return sharing(cutSomehow(lines))
}

/** Recipients that are listed one below the other share the words that follow the last. */
function sharing(segments: readonly Segment[]): readonly Segment[] {
  const shared: Segment[] = []
  for (const segment of segments.toReversed()) {
    const silent = segment.lines.every((line) => line.trim() === '')
    shared.push(silent ? { ...segment, lines: [...(shared.at(-1)?.lines ?? [])] } : segment)
  }
  return shared.reverse()
}

function cutSomehow(lines: readonly string[]): readonly Segment[] {
  const plain = cut(lines, recipientAtStart)
  if (plain.length > 0) return plain
  if (lines.some((line) => line.toLowerCase().includes('transcript of session follows'))) {
    const transcribed = cutBefore(lines)
    if (transcribed.length > 0) return transcribed
  }
  const labelled = cut(lines, recipientAfterLabel)
  return labelled.length > 0 ? labelled : cutBefore(lines)
}

type Finder = (line: string) => { readonly recipient: string; readonly rest: string } | null

function cut(lines: readonly string[], find: Finder): readonly Segment[] {
  const segments: Segment[] = []
  for (const line of lines) {
    const found = find(line)
    const open = segments.at(-1)
    // The same address again on a line of its own: its words go on.
    if (found === null || found.recipient.toLowerCase() === open?.recipient.toLowerCase())
      open?.lines.push(line)
    else if (segments.length < MAX_RECIPIENTS)
      segments.push({ recipient: found.recipient, lines: [found.rest] })
  }
  return segments
}

/** Old Sendmail: the transcript first, `554 <address>... why` as its last line. */
function cutBefore(lines: readonly string[]): readonly Segment[] {
  const segments: Segment[] = []
  let pending: string[] = []
  for (const line of lines) {
    // What was said to another host belongs to another recipient.
    if (line.toLowerCase().includes('while talking to')) pending = []
    pending.push(line)
    const match = /^[45]\d\d (?:[45]\.\d{1,3}\.\d{1,3} )?<?([^\s<>@"]{1,64}@[^\s<>@"]{1,255}?)>?\.\.\. /.exec(
      line,
    )
    if (match?.[1] === undefined || segments.length >= MAX_RECIPIENTS) continue
    segments.push({ recipient: match[1], lines: pending })
    pending = []
  }
  return segments
}

const ADDRESS = /^["'<]{0,2}([^\s<>@"',;:()[\]]{1,128}@[^\s<>@"',;:()[\]]{1,255})["'>]{0,2}/
/** What may follow an address that stands for a recipient. */
const AFTER = /^(?:$|[:,]|\s*$|\s*:|\s+\[|\s+\(|\s+on\s|\s+invalid|\s+error|\s+<|\s*\.\.\.|\s+-)/i

/** `<address>:`, `  address`, `* address`, `>>> address <address>`, `address: why`, `address [why]` … */
function recipientAtStart(line: string): ReturnType<Finder> {
  const text = line.replace(/^(?:>>> |[\s*•-]){1,40}/, '')
  const match = ADDRESS.exec(text)
  if (match?.[1] === undefined) return sendgridLine(text)
  const rest = text.slice(match[0].length)
  return AFTER.test(rest) ? { recipient: bare(match[1]), rest: rest.replace(/^[:,\s]{1,8}/, '') } : null
}

/** `name:00000:<address> : why` */
function sendgridLine(text: string): ReturnType<Finder> {
  const match = /^[\w.-]{1,64}:\d{1,10}:<([^\s<>@]{1,64}@[^\s<>@]{1,255})>\s*:/.exec(text)
  return match?.[1] === undefined ? null : { recipient: match[1], rest: text.slice(match[0].length) }
}

const LABELS = [
  'recipient address:',
  'could not be delivered to:',
  'unable to deliver message to',
  'following message to',
  'message to',
  'original-recipient:',
  'rcpt to:',
  'addressed to:',
  'undeliverable to',
  'deliver message to:',
  'deliver your message to',
  'delivering your mail to',
  'delivery userid:',
  'allowed size:',
  'attempts:',
  'rejected recipient',
  'permanent errors:',
  'temporary errors:',
  'generated by',
  'generated from',
  'recipient:',
  "wasn't delivered to",
  'was not delivered to:',
  'unknown user:',
  'duplicated message-id in',
  'delivery to',
  'failed for',
]

function recipientAfterLabel(line: string): ReturnType<Finder> {
  const lower = line.toLowerCase()
  for (const label of LABELS) {
    const at = lower.indexOf(label)
    if (at === -1) continue
    const text = line.slice(at + label.length).trimStart()
    const match = ADDRESS.exec(text)
    // The words before the label may be the reason ("User mailbox exceeds allowed size: address").
    if (match?.[1] !== undefined) {
      return {
        recipient: bare(match[1]),
        rest: `${line.slice(0, at + label.length)} ${text.slice(match[0].length)}`,
      }
    }
  }
  return null
}

const bare = (address: string): string => (address.endsWith('.') ? address.slice(0, -1) : address)

/** A notice that names nobody: whose it is, the return path it came to tells. */
export function readNameless(message: ReturnedMessage): DeliveryReport | null {
  if (!isFromDaemon(message)) return null
  const remark = noticeLines(message).join('\n')
  const words = `${subjectOf(message)} ${folded(remark)}`
  if (remark.trim() === '' || !opensReport(words)) return null
  const action = isDelay(words) ? 'delayed' : 'failed'
  return {
    recipient: null,
    originalRecipient: null,
    action,
    status: null,
    diagnostic: '',
    remark,
    remoteMta: null,
  }
}

/** Adds what the report says for people: there stands which command failed, and sometimes the only reason. */
export function withRemarks(
  reports: readonly DeliveryReport[],
  message: ReturnedMessage,
): readonly DeliveryReport[] {
  if (reports.every((report) => report.remark !== '')) return reports
  const lines = noticeLines(message)
  if (reports.length === 1) return reports.map((report) => ({ ...report, remark: lines.join('\n') }))
  const segments = segmentsOf(lines)
  return reports.map((report) => {
    const own = segments.find(({ recipient }) => recipient.toLowerCase() === report.recipient?.toLowerCase())
    return own === undefined ? report : { ...report, remark: own.lines.join('\n') }
  })
}
