//
// Owns: what the fake name server puts into its answers, true and false ones. Pure.

import {
  type Answer,
  type DecodedPacket,
  encode,
  type Packet,
  type Question,
  RECURSION_AVAILABLE,
  TRUNCATED_RESPONSE,
} from 'dns-packet'
import type { DnsFault, SeenQuestion, ZoneEntry } from './dns.ts'

export const FORGED_ADDRESS = '203.0.113.66'
export const RCODE = { ok: 0, formerr: 1, servfail: 2, nxdomain: 3, refused: 5 } as const

export function sightOf(
  query: DecodedPacket,
  question: Question,
  transport: 'udp' | 'tcp',
  port: number,
): SeenQuestion {
  const opt = query.additionals?.find((record) => record.type === 'OPT')
  return {
    name: question.name,
    type: question.type,
    transport,
    id: query.id ?? 0,
    port,
    askedAuthentic: query.flag_ad,
    recursionDesired: query.flag_rd,
    udpPayloadSize: opt ? opt.udpPayloadSize : null,
  }
}

export function faultOf(entry: ZoneEntry | undefined, type: string): DnsFault | undefined {
  if (typeof entry?.fault === 'string' || entry?.fault === undefined) return entry?.fault
  const byType: Readonly<Record<string, DnsFault | undefined>> = entry.fault
  return byType[type]
}

/** Null when the true answer is to be given (which may hold no records). */
export function withFault(
  fault: DnsFault | undefined,
  seen: SeenQuestion,
  truth: () => Packet,
): Buffer[] | null {
  switch (fault) {
    case undefined:
    case 'nxdomain':
    case 'nodata':
    case 'cname-loop':
      return null
    case 'timeout':
      return []
    case 'servfail':
      return [encode({ ...bare(truth()), flags: RECURSION_AVAILABLE | RCODE.servfail })]
    case 'refuse':
      return [encode({ ...bare(truth()), flags: RCODE.refused })]
    case 'truncated':
      if (seen.transport === 'tcp') return null
      return [encode({ ...bare(truth()), flags: RECURSION_AVAILABLE | TRUNCATED_RESPONSE })]
    case 'lame':
      return [
        encode({
          ...bare(truth()),
          flags: 0,
          authorities: [{ type: 'NS', name: '', ttl: 60, data: 'a.root.test' }],
        }),
      ]
    case 'wrong-id':
    case 'wrong-question':
      return [encode(forge(truth(), fault))]
    case 'garbage':
      return [Buffer.concat([encode(truth()).subarray(0, 12), Buffer.alloc(40, 0xff)])]
    case 'no-edns':
      return seen.udpPayloadSize === null ? null : [encode({ ...bare(truth()), flags: RCODE.formerr })]
    default:
      return fault satisfies never
  }
}

const bare = (packet: Packet): Packet => ({ ...packet, answers: [], authorities: [] })

export function forge(packet: Packet, how: 'wrong-id' | 'wrong-question'): Packet {
  const asked = packet.questions?.[0]
  const name = how === 'wrong-id' ? (asked?.name ?? '') : 'forged.test'
  return {
    ...packet,
    id: how === 'wrong-id' ? (packet.id ?? 0) ^ 1 : (packet.id ?? 0),
    questions: [{ type: asked?.type ?? 'A', name }],
    answers: [{ type: 'A', name, ttl: 300, data: FORGED_ADDRESS }],
  }
}

export function loopOf(name: string): Answer[] {
  return [
    { type: 'CNAME', name, ttl: 300, data: `loop.${name}` },
    { type: 'CNAME', name: `loop.${name}`, ttl: 300, data: name },
  ]
}

export function recordsOf(name: string, question: Question, entry: ZoneEntry): Answer[] {
  const head = { name, ttl: entry.ttl ?? 300 }
  switch (question.type) {
    case 'A':
    case 'AAAA':
    case 'PTR': {
      const type = question.type
      return (entry[type] ?? []).map((data) => ({ ...head, type, data }))
    }
    case 'CNAME':
      return entry.CNAME === undefined ? [] : [{ ...head, type: 'CNAME', data: entry.CNAME }]
    case 'MX':
      return (entry.MX ?? []).map(([preference, exchange]) => ({
        ...head,
        type: 'MX' as const,
        data: { preference, exchange },
      }))
    case 'TXT':
      return (entry.TXT ?? []).map((strings) => ({
        ...head,
        type: 'TXT' as const,
        data: typeof strings === 'string' ? [strings] : [...strings],
      }))
    case 'TLSA':
      return (entry.TLSA ?? []).map(([usage, selector, matchingType, hex]) => ({
        ...head,
        type: 'TLSA' as const,
        data: { usage, selector, matchingType, certificate: Buffer.from(hex, 'hex') },
      }))
    default:
      return []
  }
}

export const soa = (minimum: number): Answer => ({
  type: 'SOA',
  name: 'test',
  ttl: 86_400,
  data: { mname: 'ns.test', rname: 'postmaster.test', serial: 1, minimum },
})
