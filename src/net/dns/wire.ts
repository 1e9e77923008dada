//
// Owns: questions and replies as bytes (RFC 1035 §4, RFC 6891), and the only use of the packet library.
// Never: sockets, time, or what a reply means. Any bytes may come in; what cannot be read is null, never a throw.

import {
  AUTHENTIC_DATA,
  type DecodedPacket,
  decode,
  encode,
  type Answer as PacketRecord,
  RECURSION_DESIRED,
} from 'dns-packet'

export type RecordKind = 'A' | 'AAAA' | 'MX' | 'TXT' | 'CNAME' | 'PTR' | 'TLSA'

export interface Question {
  /** Lower case, no final dot; see `asQuestionName`. */
  readonly name: string
  readonly type: RecordKind
}

/** One record of the answer section, whatever its type. */
export interface WireRecord {
  readonly name: string
  readonly type: RecordKind
  /** Seconds. */
  readonly ttl: number
  /** Address, name, or text; the exchange of an MX record; the data of a TLSA record in lower-case hex. */
  readonly value: string
  /** Of an MX record; 0 elsewhere. */
  readonly preference: number
  /** The three numbers of a TLSA record (RFC 6698 §2.1); absent elsewhere. */
  readonly association?: { readonly usage: number; readonly selector: number; readonly matchingType: number }
}

export interface WireReply {
  /** With the upper bits of EDNS(0) (RFC 6891 §6.1.3). */
  readonly rcode: number
  readonly truncated: boolean
  /** Somebody who may say no: an authority, or a resolver that asked one. */
  readonly competent: boolean
  /** The AD bit (RFC 4035 §3.2.3). */
  readonly authentic: boolean
  readonly records: readonly WireRecord[]
  /** Seconds for which "no" may be believed (RFC 2308 §5); null without an SOA record. */
  readonly negativeTtl: number | null
  /** Points to other name servers instead of answering. */
  readonly referral: boolean
}

/** RFC 6891 §6.2.5 and the DNS flag day of 2020: fits every path without fragments. */
const UDP_PAYLOAD_OCTETS = 1232
/** RFC 1035 §2.3.4, in the form without the final dot. */
const MAX_NAME_OCTETS = 253
const MAX_LABEL_OCTETS = 63
const NAME_CHARACTERS = /^[\x21-\x7e]+$/

/** Null for what no name server can be asked: an empty or too long label, or bytes beyond ASCII. */
export function asQuestionName(text: string): string | null {
  const name = normalName(text)
  if (name.length > MAX_NAME_OCTETS || !NAME_CHARACTERS.test(name)) return null
  for (const label of name.split('.')) {
    if (label.length === 0 || label.length > MAX_LABEL_OCTETS) return null
  }
  return name
}

/** `edns` off is for old servers that answer FORMERR to what they do not know (RFC 6891 §7). */
export function encodeQuestion(id: number, question: Question, edns: boolean): Buffer {
  return encode({
    type: 'query',
    id,
    // AD in a question asks for AD in the answer without the bulk of DO (RFC 6840 §5.7).
    flags: RECURSION_DESIRED | AUTHENTIC_DATA,
    questions: [{ name: question.name, type: question.type, class: 'IN' }],
    additionals: edns
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: UDP_PAYLOAD_OCTETS,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ]
      : [],
  })
}

/** The id is read without decoding: it finds the question that waits. Null for what cannot be a DNS message. */
export const idOf = (bytes: Uint8Array): number | null =>
  bytes.length < 12 ? null : ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)

/**
 * Null when the bytes are no answer to exactly this question: the caller goes on waiting, since a forger must not
 * be able to end the wait (RFC 5452 §9.1).
 */
export function decodeReply(bytes: Buffer, id: number, question: Question): WireReply | null {
  const packet = decodeOrNull(bytes)
  if (!packet?.flag_qr || packet.id !== id || !repeats(packet, question)) return null
  return {
    rcode: ((packet.flags ?? 0) & 0xf) | (extendedRcode(packet.additionals ?? []) << 4),
    truncated: packet.flag_tc,
    competent: packet.flag_aa || packet.flag_ra,
    authentic: packet.flag_ad,
    records: readRecords(packet.answers ?? []),
    negativeTtl: negativeTtlOf(packet.authorities ?? []),
    referral: isReferral(packet.authorities ?? []),
  }
}

// The library throws on malformed bytes: a parser's expected end, so it becomes a value right here.
function decodeOrNull(bytes: Buffer): DecodedPacket | null {
  try {
    return decode(bytes)
  } catch {
    return null
  }
}

function repeats(packet: DecodedPacket, question: Question): boolean {
  const asked = packet.questions ?? []
  const first = asked[0]
  if (asked.length !== 1 || !first) return false
  return first.type === question.type && first.class === 'IN' && normalName(first.name) === question.name
}

function readRecords(records: readonly PacketRecord[]): readonly WireRecord[] {
  const found: WireRecord[] = []
  for (const record of records) {
    const read = readRecord(record)
    if (read) found.push(read)
  }
  return found
}

function readRecord(record: PacketRecord): WireRecord | null {
  if (record.type === 'OPT' || record.class !== 'IN') return null
  const head = { name: normalName(record.name), ttl: readTtl(record.ttl), preference: 0 }
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return { ...head, type: record.type, value: record.data }
    case 'CNAME':
    case 'PTR':
      return { ...head, type: record.type, value: normalName(record.data) }
    case 'MX': {
      const preference = record.data.preference ?? 0
      return { ...head, type: 'MX', value: normalName(record.data.exchange), preference }
    }
    case 'TXT':
      return { ...head, type: 'TXT', value: joinStrings(record.data) }
    case 'TLSA': {
      const { usage, selector, matchingType, certificate } = record.data
      const value = certificate.toString('hex')
      return { ...head, type: 'TLSA', value, association: { usage, selector, matchingType } }
    }
    default:
      return null
  }
}

/** RFC 7208 §3.3: strings of one record are joined without spaces. Joined as bytes: a character may span two of them. */
function joinStrings(data: string | Buffer | readonly (string | Buffer)[]): string {
  const strings = typeof data === 'string' || Buffer.isBuffer(data) ? [data] : data
  return Buffer.concat(strings.map((part) => Buffer.from(part))).toString('utf8')
}

function negativeTtlOf(authorities: readonly PacketRecord[]): number | null {
  for (const record of authorities) {
    if (record.type === 'SOA') return Math.min(readTtl(record.ttl), record.data.minimum ?? 0)
  }
  return null
}

/** RFC 2308 §2.2: name servers without an SOA record are a direction, not an answer. */
const isReferral = (authorities: readonly PacketRecord[]): boolean =>
  authorities.some((record) => record.type === 'NS') && !authorities.some((record) => record.type === 'SOA')

function extendedRcode(additionals: readonly PacketRecord[]): number {
  for (const record of additionals) if (record.type === 'OPT') return record.extendedRcode
  return 0
}

/** RFC 2181 §8: a time to live with the highest bit set counts as zero. */
const readTtl = (ttl: number | undefined): number => (ttl === undefined || ttl > 0x7f_ff_ff_ff ? 0 : ttl)

/** Only A–Z are folded (RFC 4343 §3): other alphabets have letters whose lower case is an ASCII one. */
export function normalName(name: string): string {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name
  return /[A-Z]/.test(bare) ? bare.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : bare
}
