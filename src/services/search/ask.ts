//
// Owns: reading what somebody looks for, in words of the API and of the command line, into an ask of the store. Pure.

import { parseDomain, parseMailbox } from '../../core/address.ts'
import { type AccountId, type MessageId, parseMessageId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import { inSmall, wordsIn } from '../../store/search/terms.ts'
import type { SearchAsk, SearchState } from '../../store/search-store.ts'
import { parseTime } from '../suppression/by-hand.ts'

export const SEARCH_STATES = [
  'queued',
  'scheduled',
  'deferred',
  'held',
  'delivered',
  'bounced',
  'suppressed',
  'cancelled',
  'failed',
] as const satisfies readonly SearchState[]

export const MAX_PAGE = 200

/** As people write them; absent: it does not matter. */
export interface SearchWords {
  /** An address, or `@` and a domain. */
  readonly recipient?: string | undefined
  readonly from?: string | undefined
  readonly subject?: string | undefined
  readonly tag?: string | undefined
  readonly campaign?: string | undefined
  readonly stream?: 'transactional' | 'marketing' | undefined
  readonly test?: boolean | undefined
  readonly status?: readonly SearchState[] | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly after?: string | undefined
  readonly before?: string | undefined
}

export interface SearchFacts {
  /** Null: everybody's, for the operator. */
  readonly account: AccountId | null
  readonly limit: number
  readonly now: Milliseconds
}

export interface SearchFault {
  readonly path: string
  readonly message: string
}

/** So long a search goes on before it answers with what it has: nobody at a screen waits longer. */
const PATIENCE: Milliseconds = 200

export function readSearch(
  words: SearchWords,
  { account, limit, now }: SearchFacts,
): Result<SearchAsk, SearchFault> {
  const to = words.recipient === undefined ? ok(null) : readAddress('recipient', words.recipient)
  if (!to.ok) return to
  const from = words.from === undefined ? ok(null) : readAddress('from', words.from)
  if (!from.ok) return from
  const subject = words.subject === undefined ? [] : wordsIn(words.subject)
  if (words.subject !== undefined && subject.length === 0) return wrong('subject', 'has no word to look for')
  const times = readTimes(words)
  if (!times.ok) return times
  const places = readPlaces(words)
  if (!places.ok) return places
  return ok({
    account,
    ...recipientOf(to.value),
    from: from.value,
    words: subject,
    tag: words.tag ?? null,
    campaign: words.campaign ?? null,
    stream: words.stream ?? null,
    mode: words.test === undefined ? null : words.test ? 'test' : 'live',
    states: words.status === undefined || words.status.length === 0 ? null : words.status,
    ...times.value,
    ...places.value,
    limit,
    now,
    patience: PATIENCE,
  })
}

/** In small letters and A-labels, as the store has it. */
function readAddress(path: 'recipient' | 'from', text: string): Result<string, SearchFault> {
  if (text.startsWith('@')) {
    const domain = parseDomain(text.slice(1))
    return domain.ok ? ok(`@${domain.value}`) : wrong(path, 'is no address, and no @ with a domain')
  }
  const mailbox = parseMailbox(text)
  return mailbox.ok ? ok(inSmall(mailbox.value)) : wrong(path, 'is no address, and no @ with a domain')
}

function recipientOf(address: string | null): Pick<SearchAsk, 'recipient' | 'destination'> {
  if (address === null) return { recipient: null, destination: null }
  const domain = parseDomain(address.slice(address.lastIndexOf('@') + 1))
  // It was read as one a moment ago.
  const destination = domain.ok ? domain.value : null
  return { recipient: address.startsWith('@') ? null : address, destination }
}

function readTimes({ since, until }: SearchWords): Result<Pick<SearchAsk, 'since' | 'until'>, SearchFault> {
  const read = {
    since: since === undefined ? null : parseTime(since),
    until: until === undefined ? null : parseTime(until),
  }
  for (const path of ['since', 'until'] as const) {
    if (Number.isNaN(read[path])) return wrong(path, 'is no time such as 2027-01-15T10:30:00Z')
  }
  return ok(read)
}

function readPlaces({
  after,
  before,
}: SearchWords): Result<Pick<SearchAsk, 'after' | 'before'>, SearchFault> {
  if (after !== undefined && before !== undefined) return wrong('before', 'does not go with after')
  const read: { after: MessageId | null; before: MessageId | null } = { after: null, before: null }
  for (const path of ['after', 'before'] as const) {
    const text = path === 'after' ? after : before
    if (text === undefined) continue
    read[path] = parseMessageId(text)
    if (read[path] === null) return wrong(path, 'is no id of a message')
  }
  return ok(read)
}

const wrong = (path: string, message: string): Result<never, SearchFault> => fault({ path, message })
