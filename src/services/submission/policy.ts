//
// Owns: may this submitter send this? Pure: facts in, a refusal or nothing out.

import { type Authorship, mayWriteAs } from '../../core/access.ts'
import type { SenderTracking } from '../../core/account.ts'
import { type Domain, domainOf, type Mailbox } from '../../core/address.ts'
import { type Message, SANDBOX_DOMAIN } from '../../core/message.ts'
import type { Submission } from '../../core/submission.ts'
import type { DoorLimits } from './door.ts'
import type { Refusal } from './refusal.ts'

/** What is known of the author's domain in the submitter's account. */
export type SenderFacts =
  | {
      readonly kind: 'verified'
      readonly signingDomain: Domain
      /** Absent: as for a new domain. */
      readonly tracking?: SenderTracking
    }
  | {
      readonly kind: 'unverified'
      readonly signingDomain: Domain
      /** DNS records that were not seen yet, as `TYPE name`. */
      readonly missing: readonly string[]
      readonly tracking?: SenderTracking
    }
  | { readonly kind: 'unknown' }

export interface PolicyFacts {
  readonly sender: SenderFacts
  /** The person in charge: mail to this mailbox needs no verified domain. */
  readonly operator: string
  readonly requireVerification: boolean
  readonly limits: DoorLimits
  /** Octets as they would be stored. */
  readonly size: number
  /** Of outgoing addresses: what a sender may ask for. */
  readonly pools: readonly string[]
}

/** Also asked before a header with all those names is composed: it would be too long, and that is not the trouble. */
export function tooManyRecipients(
  count: number,
  { maxRecipients }: Pick<DoorLimits, 'maxRecipients'>,
): Refusal | null {
  if (count <= maxRecipients) return null
  return {
    code: 'too_many_recipients',
    say: `The message has ${count} recipients; at most ${maxRecipients} are allowed. Send it in several parts.`,
  }
}

export function refusalFor(submission: Submission, facts: PolicyFacts): Refusal | null {
  const { forwardPaths } = submission
  if (forwardPaths.length === 0) {
    return { code: 'invalid_recipient', say: 'The message has no recipient.' }
  }
  const tooMany = tooManyRecipients(forwardPaths.length, facts.limits)
  if (tooMany) return tooMany
  // Our own word, from our own name. What it quotes came in within the limit.
  if (submission.source === 'notice') return null
  if (facts.size > facts.limits.maxMessageSize) {
    return {
      code: 'message_too_large',
      say: `The message has ${facts.size} octets; at most ${facts.limits.maxMessageSize} are allowed.`,
    }
  }
  return refusalOfSender(submission, facts) ?? refusalOfPool(submission, facts)
}

function refusalOfPool({ options, source }: Submission, { pools }: PolicyFacts): Refusal | null {
  const { pool } = options
  if (pool === null || pools.includes(pool)) return null
  const message = `names no pool of addresses here; there are: ${pools.join(', ')}`
  const path = source === 'smtp' ? 'headers.X-MailWok-IP-Pool' : 'ip_pool'
  const field = source === 'smtp' ? 'X-MailWok-IP-Pool' : path
  return {
    code: 'invalid_option',
    say: `${field} ${message}`,
    fields: [{ path, code: 'unknown_pool', message }],
  }
}

function refusalOfSender(submission: Submission, facts: PolicyFacts): Refusal | null {
  const { authors } = submission.submitter
  if (authors !== undefined && !mayWriteAs(authors, submission.from))
    return beyondKey(submission.from, authors)
  // Test keys deliver nothing, so there is nobody to be protected from their From.
  if (submission.submitter.mode === 'test') return null
  const { sender } = facts
  switch (sender.kind) {
    case 'verified':
      return null
    case 'unknown':
      return {
        code: 'sender_not_allowed',
        say: `${submission.fromDomain} is not a domain of this account. Add it with: mailwok domain add ${submission.fromDomain}`,
        fields: [{ path: 'from', code: 'sender_not_allowed', message: 'its domain was not added' }],
        log: { from_domain: submission.fromDomain },
      }
    case 'unverified':
      if (
        !facts.requireVerification ||
        submission.forwardPaths.every((path) => isFree(path, facts.operator))
      ) {
        return null
      }
      return {
        code: 'domain_not_verified',
        say: `${sender.signingDomain} is not verified yet; missing: ${sender.missing.join('; ')}. Publish these records, then run: mailwok domain verify ${sender.signingDomain}. Until then it may send to the operator and to ${SANDBOX_DOMAIN} only.`,
        fields: sender.missing.map((record) => ({
          path: 'from',
          code: 'missing_dns_record',
          message: record,
        })),
        log: { domain: sender.signingDomain },
      }
    default:
      return sender satisfies never
  }
}

export function beyondKey(from: Mailbox, { addresses, domains }: Authorship): Refusal {
  const may = [...domains, ...addresses].slice(0, 5).join(', ')
  return {
    code: 'key_restricted',
    say: `This key may not write as ${from}; it may as ${may}.`,
    fields: [{ path: 'from', code: 'key_restricted', message: `the key may write as ${may} alone` }],
    log: { from },
  }
}

const isFree = (path: Submission['forwardPaths'][number], operator: string): boolean =>
  domainOf(path) === SANDBOX_DOMAIN || path.toLowerCase() === operator.toLowerCase()

/** Played mail goes nowhere, and is refused nowhere. */
export function pausedFor(
  { options, submitter }: Submission,
  signingDomain: Domain,
  paused: (mail: Pick<Message, 'accountId' | 'signingDomain' | 'stream'>) => string | null,
): Refusal | null {
  if (submitter.mode === 'test') return null
  const { accountId } = submitter
  const say = paused({ accountId, signingDomain, stream: options.stream })
  return say === null
    ? null
    : { code: 'sending_paused', say, log: { account: accountId, domain: signingDomain } }
}
