//
// Owns: what a reply means: found, an authority's no, or nothing that counts (RFC 1034 §3.6.2, RFC 2308). Pure.

import type { LookupFault } from './resolver.ts'
import type { Question, WireRecord, WireReply } from './wire.ts'

export type Reading =
  /** `owner`: whose records they are, at the end of all aliases. */
  | {
      readonly kind: 'found'
      readonly records: readonly WireRecord[]
      readonly owner: string
      readonly ttl: number
    }
  /** The chain of aliases leaves this reply: ask for its end. */
  | { readonly kind: 'alias'; readonly target: string; readonly ttl: number; readonly hops: number }
  | { readonly kind: 'no'; readonly fault: 'nxdomain' | 'nodata'; readonly ttl: number | null }
  /** SERVFAIL, REFUSED, lame: another server may know better. */
  | { readonly kind: 'failed'; readonly fault: Extract<LookupFault, 'servfail'> }

/** A chain this long is a mistake or a trap; the public resolvers stop near here as well. */
export const MAX_CNAME_HOPS = 8

const NOERROR = 0
const NXDOMAIN = 3

export function interpret(reply: WireReply, question: Question): Reading {
  if (reply.rcode !== NOERROR && reply.rcode !== NXDOMAIN) return FAILED
  const chain = followAliases(reply.records, question)
  if (chain.hops > MAX_CNAME_HOPS) return FAILED
  const records = reply.records.filter((record) => record.type === question.type && record.name === chain.end)
  if (records.length > 0) {
    const ttl = records.reduce((least, r) => Math.min(least, r.ttl), chain.ttl)
    return { kind: 'found', records, owner: chain.end, ttl }
  }
  // Permanent failure needs the word of an authority (F7): who neither is one nor asked one only guesses.
  if (!reply.competent || (reply.referral && chain.hops === 0)) return FAILED
  if (reply.rcode === NXDOMAIN) return { kind: 'no', fault: 'nxdomain', ttl: reply.negativeTtl }
  if (chain.hops > 0 && reply.negativeTtl === null) {
    return { kind: 'alias', target: chain.end, ttl: chain.ttl, hops: chain.hops }
  }
  return { kind: 'no', fault: 'nodata', ttl: reply.negativeTtl }
}

const FAILED: Reading = { kind: 'failed', fault: 'servfail' }

interface Chain {
  readonly end: string
  readonly hops: number
  /** The shortest of all links. */
  readonly ttl: number
}

function followAliases(records: readonly WireRecord[], question: Question): Chain {
  let chain: Chain = { end: question.name, hops: 0, ttl: Number.POSITIVE_INFINITY }
  if (question.type === 'CNAME') return chain
  // A loop runs into the bound, too.
  while (chain.hops <= MAX_CNAME_HOPS) {
    const link = records.find((record) => record.type === 'CNAME' && record.name === chain.end)
    if (!link) return chain
    chain = { end: link.value, hops: chain.hops + 1, ttl: Math.min(chain.ttl, link.ttl) }
  }
  return chain
}
