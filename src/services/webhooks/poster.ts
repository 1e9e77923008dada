//
// Owns: one request to a webhook: signed, with a time-out, and what is kept of it for people to look at.
// Never: retries, or follows a redirect: a 3xx is an answer like any other that is not 2xx.

import type { Clock } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { HttpAnswer, HttpFault, OutgoingHttp } from '../../net/http/outgoing.ts'
import type { PostKey } from '../../store/webhook-store.ts'
import { PATIENCE, retryAfter } from '../posting/retry.ts'
import { type KnownWebhook, keysOf } from './book.ts'
import { type Signed, signedFor } from './formats/signing.ts'
import type { Tried } from './judge.ts'

export interface PosterParts {
  readonly http: Pick<OutgoingHttp, 'post'>
  readonly clock: Clock
  /** `MailWok/<version>`. */
  readonly agent: string
}

const MAX_ANSWER_OCTETS = 64 * 1024
/** Of an answer that are kept. */
const EXCERPT = 500

export class Poster {
  readonly #parts: PosterParts

  constructor(parts: PosterParts) {
    this.#parts = parts
  }

  /** Null: it was called off. */
  async post(
    hook: KnownWebhook,
    post: Pick<PostKey, 'eventId'> & { readonly body: string },
    signal?: AbortSignal,
  ): Promise<Tried | null> {
    const { agent, clock, http } = this.#parts
    const startedAt = clock.now()
    const began = clock.monotonic()
    const keys = keysOf(hook, startedAt)
    if (keys.length === 0) return { startedAt, request: requestExcerpt(hook.url, UNSIGNED), ...NOT_SIGNED }
    const signed = signedFor(hook.format, keys, {
      id: post.eventId,
      seconds: Math.floor(startedAt / SECOND),
      body: post.body,
    })
    const base = { startedAt, request: requestExcerpt(hook.url, signed) }
    const headers = { 'content-type': 'application/json', 'user-agent': agent, ...signed.headers }
    const answer = await http.post(hook.url, {
      body: signed.body,
      headers,
      maxOctets: MAX_ANSWER_OCTETS,
      within: PATIENCE,
      // Whoever gets it twice sees the same webhook-id.
      keep: true,
      ...(signal ? { signal } : {}),
    })
    const took = clock.monotonic() - began
    if (answer.ok) return { ...base, took, ...answered(answer.value, clock.now()) }
    return answer.error.kind === 'aborted' ? null : { ...base, took, ...unanswered(answer.error) }
  }
}

type Outcome = Pick<Tried, 'status' | 'fault' | 'retryAfter' | 'response'>

const NOT_SIGNED = {
  status: null,
  fault: 'the secret cannot be opened with the master secret of this node',
  retryAfter: null,
  response: '',
  took: 0,
}

const answered = ({ status, headers, body }: HttpAnswer, now: Milliseconds): Outcome => ({
  status,
  fault: '',
  retryAfter: retryAfter(headers['retry-after'], now),
  response: body.length === 0 ? '' : body.subarray(0, EXCERPT).toString('utf8'),
})

/** An answer that is too large is one that nobody read to its end: it may be a page of errors. */
const unanswered = ({ detail, kind }: HttpFault): Outcome => ({
  status: null,
  fault: `${kind}: ${detail}`.slice(0, EXCERPT),
  retryAfter: null,
  response: '',
})

const UNSIGNED = { headers: {}, hidden: [] }

const requestExcerpt = (url: string, { headers, hidden }: Pick<Signed, 'headers' | 'hidden'>): string =>
  `POST ${url}\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${hidden.includes(name) ? '(not shown)' : value}`)
    .join('\n')}`
