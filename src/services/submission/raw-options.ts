//
// Owns: the `X-MailWok-*` fields by which SMTP clients ask for what the API has options for (api.md B, SMTP parity).
// Never: overlooks one in silence. Who asked for a later delivery and gets one now was not served.

import type { Stream } from '../../core/message.ts'
import { nearest } from '../../core/nearest.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { SubmissionOptions } from '../../core/submission.ts'
import { DAY, HOUR, MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import { decodeEncodedWords } from '../../mail/mime/encoded-word.ts'
import type { HeaderScan } from '../../mail/mime/scan.ts'
import { isListLabel, LABEL_WANTED, listWishes, namesWayOut } from './list-wish.ts'
import type { FieldCode, Refusal } from './refusal.ts'
import { parseScheduledAt } from './scheduled-at.ts'

export const OPTION_PREFIX = 'x-mailwok-'

export const MAX_TAGS = 20
/** Characters; a tag is a name to count by, not a place for data. */
export const MAX_TAG = 128
/** Octets of JSON; echoed with every event. */
export const MAX_CUSTOM = 2048
export const MAX_IDEMPOTENCY_KEY = 256
/** Below, greylisting alone eats the time; above, peers' own limits end it. */
export const MIN_EXPIRES_AFTER: Milliseconds = 10 * MINUTE
export const MAX_EXPIRES_AFTER: Milliseconds = 5 * DAY

/** Options as read; the idempotency key still lacks the hash of the body. */
export interface RawOptions extends Omit<SubmissionOptions, 'idempotency'> {
  readonly idempotencyKey: string | null
}

interface Read extends RawOptions {
  readonly list?: string
  readonly listUnsubscribe?: boolean
}

/** What SMTP clients get who ask for nothing: links and pictures stay as they were written (decision 8). */
const DEFAULTS: RawOptions = {
  stream: 'transactional',
  tags: [],
  custom: null,
  trackOpens: false,
  trackClicks: false,
  expiresAfter: null,
  idempotencyKey: null,
  campaign: null,
  pool: null,
  wishes: {},
}

type OptionReader = (value: string, now: Milliseconds) => Result<Partial<Read>, string>

const READERS: Readonly<Record<string, { readonly name: string; readonly read: OptionReader }>> = {
  tags: { name: 'Tags', read: (value) => map(parseTags(value), (tags) => ({ tags })) },
  'track-opens': {
    name: 'Track-Opens',
    read: (value) => map(parseSwitch(value), (trackOpens) => ({ trackOpens })),
  },
  'track-clicks': {
    name: 'Track-Clicks',
    read: (value) => map(parseSwitch(value), (trackClicks) => ({ trackClicks })),
  },
  stream: { name: 'Stream', read: (value) => map(parseStream(value), (stream) => ({ stream })) },
  'expires-after': {
    name: 'Expires-After',
    read: (value) => map(parseExpiresAfter(value), (expiresAfter) => ({ expiresAfter })),
  },
  'idempotency-key': {
    name: 'Idempotency-Key',
    read: (value) => map(parseIdempotencyKey(value), (idempotencyKey) => ({ idempotencyKey })),
  },
  custom: { name: 'Custom', read: (value) => map(parseCustom(value), (custom) => ({ custom })) },
  list: {
    name: 'List',
    read: (value) => (isListLabel(value) ? ok({ list: value }) : fault(`wants ${LABEL_WANTED}`)),
  },
  'list-unsubscribe': {
    name: 'List-Unsubscribe',
    read: (value) => map(parseSwitch(value), (listUnsubscribe) => ({ listUnsubscribe })),
  },
  'scheduled-at': {
    name: 'Scheduled-At',
    read: (value, now) => {
      const at = parseScheduledAt(value, now)
      return at.ok ? ok({ scheduledAt: at.value }) : fault(at.error.message)
    },
  },
  // Whether there is such a pool, the door knows.
  'ip-pool': { name: 'IP-Pool', read: (value) => ok({ pool: value }) },
}

export function readOptions(scan: HeaderScan, now: Milliseconds): Result<RawOptions, Refusal> {
  let options: Read = DEFAULTS
  const seen = new Set<string>()
  for (const field of scan.fields) {
    if (!field.name.startsWith(OPTION_PREFIX)) continue
    const word = field.name.slice(OPTION_PREFIX.length)
    const reader = Object.hasOwn(READERS, word) ? READERS[word] : undefined
    if (reader === undefined) return refuse(`X-MailWok-${word}`, 'unknown_option', unknownOption(word))
    const header = `X-MailWok-${reader.name}`
    if (seen.has(word)) return refuse(header, 'repeated', 'appears more than once')
    seen.add(word)
    const read = reader.read(decodeEncodedWords(scan.value(field.name) ?? ''), now)
    if (!read.ok) return refuse(header, 'bad_value', read.error)
    options = { ...options, ...read.value }
  }
  return withList(options, scan)
}

/** A field of the client's own stands as it is, and nothing is put beside it. */
function withList(read: Read, scan: HeaderScan): Result<RawOptions, Refusal> {
  const { list, listUnsubscribe, ...options } = read
  if (options.stream !== 'marketing' && list === undefined && listUnsubscribe === undefined) return ok(read)
  const written = scan.value('list-unsubscribe')
  const wishes = listWishes({
    stream: options.stream,
    list: list ?? null,
    wanted: written === null ? (listUnsubscribe ?? null) : false,
    hasOwn: written !== null && namesWayOut(written),
  })
  if (wishes !== null) return ok({ ...options, wishes })
  return written === null
    ? refuse(
        'X-MailWok-List-Unsubscribe',
        'bad_value',
        `is false, ${NEEDED}; leave it out, or write your own`,
      )
    : refuse('List-Unsubscribe', 'bad_value', `names no URL in angle brackets, ${NEEDED}`)
}
const NEEDED = 'and X-MailWok-Stream is marketing, which needs a List-Unsubscribe field'

function unknownOption(word: string): string {
  const known = nearest(word, Object.keys(READERS))
  const name = known === null ? undefined : READERS[known]?.name
  return name === undefined
    ? 'is no option that is known here'
    : `is no known option; did you mean X-MailWok-${name}?`
}

function refuse(header: string, code: FieldCode, why: string): Result<never, Refusal> {
  const message = `${header} ${why}`
  return fault({
    code: 'invalid_option',
    say: message,
    fields: [{ path: `headers.${header}`, code, message }],
  })
}

function map<T, U>(result: Result<T, string>, with_: (value: T) => U): Result<U, string> {
  return result.ok ? ok(with_(result.value)) : result
}

/** `welcome, trial`: separated by commas, without duplicates. */
export function parseTags(value: string): Result<readonly string[], string> {
  const tags = [...new Set(value.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '')
  if (tags.length > MAX_TAGS) return fault(`has more than ${MAX_TAGS} tags`)
  const bad = tags.find((tag) => tag.length > MAX_TAG || /\p{Cc}/u.test(tag) || !tag.isWellFormed())
  if (bad !== undefined)
    return fault(`holds a tag that is longer than ${MAX_TAG} characters or not printable`)
  return ok(tags)
}

function parseSwitch(value: string): Result<boolean, string> {
  if (/^(?:true|yes|on|1)$/i.test(value)) return ok(true)
  if (/^(?:false|no|off|0)$/i.test(value)) return ok(false)
  return fault('wants true or false')
}

function parseStream(value: string): Result<Stream, string> {
  const stream = value.toLowerCase()
  return stream === 'transactional' || stream === 'marketing'
    ? ok(stream)
    : fault('wants transactional or marketing')
}

const UNITS: Readonly<Record<string, Milliseconds>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/** `10m` … `5d`. */
export function parseExpiresAfter(value: string): Result<Milliseconds, string> {
  const match = /^(\d{1,7}) ?([smhd])$/.exec(value)
  const span = Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? Number.NaN)
  return span >= MIN_EXPIRES_AFTER && span <= MAX_EXPIRES_AFTER
    ? ok(span)
    : fault('wants a span from 10m to 5d')
}

export function parseIdempotencyKey(value: string): Result<string, string> {
  return /^[!-~](?:[ -~]*[!-~])?$/.test(value) && value.length <= MAX_IDEMPOTENCY_KEY
    ? ok(value)
    : fault(`wants 1 to ${MAX_IDEMPOTENCY_KEY} printable ASCII characters`)
}

function parseCustom(value: string): Result<Readonly<Record<string, unknown>>, string> {
  const want = `wants a JSON object of at most ${MAX_CUSTOM} octets`
  if (Buffer.byteLength(value) > MAX_CUSTOM) return fault(want)
  try {
    const custom: unknown = JSON.parse(value)
    if (typeof custom !== 'object' || custom === null || Array.isArray(custom)) return fault(want)
    return ok(custom as Readonly<Record<string, unknown>>)
  } catch {
    return fault(want)
  }
}
