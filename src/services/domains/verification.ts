//
// Owns: what follows from a look at a domain: whether it counts as verified, when to look again, and what its account is
// told. Pure.
// Never: takes silence for absence, or one bad look for the end: DNS is changed by people, and comes back.

import type { DomainChecks, SendingDomain, StoredDkimKey } from '../../core/account.ts'
import type { DomainEventType } from '../../core/event.ts'
import type { Finding } from '../../core/finding.ts'
import { DAY, HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'
import type { DomainCare, KeySight } from '../../store/domain-store.ts'
import type { Look, Sights } from './look.ts'
import { dkimName, isComplete } from './records.ts'
import { lookAgainIn } from './rotation.ts'

/** Seen wrong for so long, and in so many looks, a domain is no longer verified. */
const WRONG_FOR: Milliseconds = DAY
const WRONG_LOOKS = 3

/** Who has just added a domain is publishing its records. */
const LOOK_NEW_EVERY: Milliseconds = 15 * MINUTE
const NEW_FOR: Milliseconds = 2 * DAY
const LOOK_IN_TROUBLE_EVERY: Milliseconds = 30 * MINUTE
const GIVEN_UP_AFTER: Milliseconds = 30 * DAY
/** Of what goes on for ever, so that a thousand domains are not looked at in one minute. */
const JITTER = 0.25

export interface LookFacts {
  readonly domain: SendingDomain
  readonly keys: readonly StoredDkimKey[]
  readonly care: DomainCare | null
  readonly look: Look
  readonly now: Milliseconds
  readonly every: Milliseconds
  /** 0 to 1. */
  readonly chance: number
}

export interface Told {
  readonly type: DomainEventType
  readonly reason: string
  /** What is to be done. */
  readonly actions: readonly Finding[]
}

export interface LookOutcome {
  readonly checks: DomainChecks
  readonly verifiedAt: Milliseconds | null
  readonly care: DomainCare
  readonly keys: readonly StoredDkimKey[]
  readonly told: readonly Told[]
}

export function judgeLook(facts: LookFacts): LookOutcome {
  const { care: before, domain, look, now } = facts
  const checks = merged(domain.checks, look.sights)
  const keys = facts.keys.map((key) => ({
    ...key,
    ...sightOf(key, look.keys.get(key.selector) ?? null, now),
  }))
  const complete = isComplete(checks)
  const wrong = wrongnessOf(facts, complete)
  const isLost = wrong.since !== null && now - wrong.since >= WRONG_FOR && wrong.looks >= WRONG_LOOKS
  const verifiedAt = complete ? (domain.verifiedAt ?? now) : isLost ? null : domain.verifiedAt
  const actions = domain.verifiedAt === null && verifiedAt === null ? [] : actionsIn(look.findings, keys)
  const told = tellings({ domain, verifiedAt, actions, told: before?.told ?? '' })
  return {
    checks,
    verifiedAt,
    keys,
    told,
    care: {
      lookAt: now + waitOf(facts, { keys, verifiedAt, isWrong: wrong.since !== null }),
      wrongSince: verifiedAt === null ? null : wrong.since,
      wrongLooks: verifiedAt === null ? 0 : wrong.looks,
      told: actions.map(nameOf).sort().join('\n'),
      findings: remembered(before?.findings ?? [], look.findings),
    },
  }
}

const merged = (before: DomainChecks, seen: Sights): DomainChecks => ({
  dkimRsa: seen.dkimRsa ?? before.dkimRsa,
  dkimEd25519: seen.dkimEd25519 ?? before.dkimEd25519,
  returnPathMx: seen.returnPathMx ?? before.returnPathMx,
  returnPathSpf: seen.returnPathSpf ?? before.returnPathSpf,
  dmarc: seen.dmarc ?? before.dmarc,
  tracking: seen.tracking ?? before.tracking,
})

function sightOf(key: StoredDkimKey, seen: boolean | null, now: Milliseconds): Omit<KeySight, 'selector'> {
  const { seenAt, seenLooks, seenSince } = key
  if (seen === null) return { seenAt, seenLooks, seenSince }
  if (!seen) return { seenAt: null, seenLooks: 0, seenSince: null }
  // A clock that was set back: what was seen in the future was seen now.
  const since = seenSince === null ? now : Math.min(seenSince, now)
  return { seenAt: now, seenLooks: seenLooks + 1, seenSince: since }
}

/** Only what a look itself has seen counts against a domain. */
function wrongnessOf({ care, domain, look, now }: LookFacts, complete: boolean) {
  if (complete || domain.verifiedAt === null) return { since: null, looks: 0 }
  const since = care?.wrongSince ?? null
  const looks = care?.wrongLooks ?? 0
  const hasSeen = look.findings.some(
    ({ required, state }) => required && (state === 'missing' || state === 'wrong'),
  )
  if (!hasSeen) return { since, looks }
  return { since: since === null ? now : Math.min(since, now), looks: looks + 1 }
}

/** What is required and not right, and keys that cannot take their turn. */
function actionsIn(findings: readonly Finding[], keys: readonly StoredDkimKey[]): readonly Finding[] {
  const next = new Set(keys.filter(({ state }) => state === 'next').map(dkimName))
  return findings.filter(
    ({ check, name, required, state }) =>
      (state === 'missing' || state === 'wrong') && (required || (check === 'dkim' && next.has(name))),
  )
}

const nameOf = ({ check, name }: Finding): string => `${check} ${name}`

interface Telling {
  readonly domain: SendingDomain
  readonly verifiedAt: Milliseconds | null
  readonly actions: readonly Finding[]
  readonly told: string
}

function tellings({ actions, domain, told, verifiedAt }: Telling): readonly Told[] {
  const required = actions.filter((one) => one.required)
  if (domain.verifiedAt !== null && verifiedAt === null) {
    const reason = `Records of ${domain.name} were seen wrong for a day: ${required.map(({ message }) => message).join(' ')}`
    return [{ type: 'domain.unverified', reason, actions }]
  }
  const isNew = domain.verifiedAt === null && verifiedAt !== null
  const verified: Told[] = isNew
    ? [{ type: 'domain.verified', reason: `All required records of ${domain.name} were seen.`, actions: [] }]
    : []
  const known = new Set(told.split('\n'))
  if (actions.every((one) => known.has(nameOf(one)))) return verified
  const reason =
    required.length > 0
      ? `Records of ${domain.name} are not right any more; after a day it would be verified no longer.`
      : `The next DKIM keys of ${domain.name} are not published yet; until they are, keys cannot be changed.`
  return [...verified, { type: 'domain.action_needed', reason, actions }]
}

/** Silence takes nothing away: the finding of before stays where there is one. */
function remembered(before: readonly Finding[], now: readonly Finding[]): readonly Finding[] {
  return now.map((finding) => {
    if (finding.state !== 'unknown') return finding
    return before.find((one) => one.check === finding.check && one.name === finding.name) ?? finding
  })
}

interface Standing {
  readonly keys: readonly StoredDkimKey[]
  readonly verifiedAt: Milliseconds | null
  readonly isWrong: boolean
}

function waitOf(
  { chance, domain, every, now }: LookFacts,
  { isWrong, keys, verifiedAt }: Standing,
): Milliseconds {
  const spread = 1 - JITTER + 2 * JITTER * chance
  const usual = Math.max(MINUTE, every)
  const age = now - domain.createdAt
  if (verifiedAt === null) {
    const pause = age < NEW_FOR ? LOOK_NEW_EVERY : age < GIVEN_UP_AFTER ? usual : Math.max(usual, DAY)
    return pause * spread
  }
  if (isWrong) return Math.min(usual, LOOK_IN_TROUBLE_EVERY) * spread
  const again = lookAgainIn(keys)
  return again === null ? usual * spread : Math.min(Math.max(again, HOUR), usual * spread + HOUR)
}
