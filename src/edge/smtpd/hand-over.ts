//
// Owns: giving one received message to the door and putting its answer into SMTP words.
// A short rate limit is waited out once, so that clients which cannot retry lose nothing (api.md B).

import type { Clock } from '../../core/ports.ts'
import type { Result } from '../../core/result.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { Accepted, Door, RawSubmission } from '../../services/submission/door.ts'
import { asReply, type Refusal } from '../../services/submission/refusal.ts'

export interface HandOver {
  readonly door: Door
  readonly clock: Clock
  readonly rateLimitWait: Milliseconds
}

export interface Verdict {
  readonly code: number
  readonly text: string
  readonly refusal: Refusal | null
}

export async function handOver(to: HandOver, raw: RawSubmission): Promise<Verdict> {
  const first = await to.door.submitRaw(raw)
  if (first.ok || first.error.code !== 'rate_limited') return verdictOf(first)
  const wait = Math.min(first.error.retryAfter ?? SECOND, to.rateLimitWait)
  await new Promise<void>((resolve) => to.clock.after(wait, resolve))
  return verdictOf(await to.door.submitRaw(raw))
}

function verdictOf(answer: Result<Accepted, Refusal>): Verdict {
  // The commit lies behind us: only now 250 (RFC 5321 §4.2.5).
  if (answer.ok) return { code: 250, text: `2.0.0 Ok: queued as ${answer.value.messageId}`, refusal: null }
  const { code, text } = asReply(answer.error)
  return { code, text: oneLine(text), refusal: answer.error }
}

/** RFC 5321 §4.5.3.1.5: 512 octets with code and CRLF. */
const MAX_TEXT_CHARACTERS = 480

/** A refusal may quote the client's own words: they must not become further replies, nor too long a one. */
const oneLine = (text: string): string => text.slice(0, MAX_TEXT_CHARACTERS).replace(/[^ -~]/g, ' ')
