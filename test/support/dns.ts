//
// Owns: a name server on real UDP and TCP sockets of loopback, with a zone that a test writes as a table and may
// change while it runs, and with every way in which name servers fail scripted per name.

import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import {
  type Answer,
  AUTHENTIC_DATA,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  type Packet,
  type Question,
  RECURSION_AVAILABLE,
  TRUNCATED_RESPONSE,
} from 'dns-packet'

export type DnsFault =
  | 'servfail'
  | 'refuse'
  /** No answer at all. */
  | 'timeout'
  /** The truncation bit over UDP; the full answer over TCP. */
  | 'truncated'
  | 'nxdomain'
  | 'nodata'
  /** Two names that point at each other. */
  | 'cname-loop'
  /** Neither authoritative nor recursive: a referral upwards. */
  | 'lame'
  /** Only forged answers: nobody may believe them. */
  | 'wrong-id'
  | 'wrong-question'
  /** The right id, then noise. */
  | 'garbage'
  /** FORMERR to every question with EDNS(0), the true answer to others. */
  | 'no-edns'

export interface ZoneEntry {
  readonly A?: readonly string[]
  readonly AAAA?: readonly string[]
  /** [preference, exchange]; "." for a null MX. */
  readonly MX?: readonly (readonly [number, string])[]
  /** Each record is one string, or several that belong together. */
  readonly TXT?: readonly (string | readonly string[])[]
  readonly CNAME?: string
  readonly PTR?: readonly string[]
  /** Seconds; 300 unless said. */
  readonly ttl?: number
  /** For every question about this name, or by type. */
  readonly fault?: DnsFault | Readonly<Partial<Record<RecordKind, DnsFault>>>
  /** A forged answer goes out just before the true one. */
  readonly forged?: 'wrong-id' | 'wrong-question'
  /** The CNAME record alone is answered: the asker must follow it. */
  readonly bareCname?: boolean
}

/** Names in lower case without a final dot; `*.example.test` covers what has no entry of its own. */
export type Zone = Readonly<Record<string, ZoneEntry>>
export type RecordKind = 'A' | 'AAAA' | 'MX' | 'TXT' | 'CNAME' | 'PTR'

export interface SeenQuestion {
  readonly name: string
  readonly type: string
  readonly transport: 'udp' | 'tcp'
  readonly id: number
  /** The asker's port. */
  readonly port: number
  readonly askedAuthentic: boolean
  readonly recursionDesired: boolean
  /** What EDNS(0) offered; null without it. */
  readonly udpPayloadSize: number | null
}

export interface FakeDns {
  /** As `[dns] servers` takes it: 127.0.0.1:PORT. */
  readonly address: string
  readonly port: number
  readonly questions: readonly SeenQuestion[]
  /** Questions about one name, of one type if given. */
  asked(name: string, type?: RecordKind): number
  /** Replaces a name's entry; null removes it. */
  set(name: string, entry: ZoneEntry | null): void
  /** Whether answers carry the AD bit. */
  authentic: boolean
  /** MINIMUM of the SOA record in negative answers; null leaves the SOA out. */
  negativeTtl: number | null
  forget(): void
  close(): Promise<void>
}

export const FORGED_ADDRESS = '203.0.113.66'
const MAX_CHAIN = 12
const RCODE = { ok: 0, formerr: 1, servfail: 2, nxdomain: 3, refused: 5 } as const

export async function startDns(zone: Zone = {}): Promise<FakeDns> {
  const server = new FakeNameServer(zone)
  await server.listen()
  return server
}

class FakeNameServer implements FakeDns {
  authentic = false
  negativeTtl: number | null = 60
  port = 0
  readonly #seen: SeenQuestion[] = []
  readonly #zone: Map<string, ZoneEntry>
  readonly #open = new Set<Socket>()
  #udp: UdpSocket = createSocket('udp4')
  #tcp: Server = createServer()

  constructor(zone: Zone) {
    this.#zone = new Map(Object.entries(zone))
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get questions(): readonly SeenQuestion[] {
    return this.#seen
  }

  asked(name: string, type?: RecordKind): number {
    return this.#seen.filter((seen) => seen.name === name && (type === undefined || seen.type === type))
      .length
  }

  set(name: string, entry: ZoneEntry | null): void {
    if (entry) this.#zone.set(name, entry)
    else this.#zone.delete(name)
  }

  forget(): void {
    this.#seen.length = 0
  }

  /** TCP must have UDP's port; another process may hold it, then the next one is tried. */
  async listen(): Promise<void> {
    for (let attempt = 0; attempt < 20; attempt++) {
      this.port = await this.#bindUdp()
      if (await this.#bindTcp()) return
      this.#udp.close()
    }
    throw new Error('no port is free for both UDP and TCP')
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    this.#udp.close()
    await new Promise<void>((done) => this.#tcp.close(() => done()))
  }

  #bindUdp(): Promise<number> {
    const udp = createSocket('udp4')
    this.#udp = udp
    udp.on('message', (bytes, from) => this.#onDatagram(bytes, from))
    return new Promise((done, failed) => {
      udp.once('error', failed)
      udp.bind(0, '127.0.0.1', () => done(udp.address().port))
    })
  }

  #bindTcp(): Promise<boolean> {
    const tcp = createServer((socket) => this.#onConnection(socket))
    this.#tcp = tcp
    return new Promise((done) => {
      tcp.once('error', () => done(false))
      tcp.listen(this.port, '127.0.0.1', () => done(true))
    })
  }

  #onDatagram(bytes: Buffer, from: RemoteInfo): void {
    for (const answer of this.#answers(bytes, 'udp', from.port)) {
      this.#udp.send(answer, from.port, from.address)
    }
  }

  #onConnection(socket: Socket): void {
    this.#open.add(socket)
    socket.on('close', () => this.#open.delete(socket))
    socket.on('error', () => socket.destroy())
    let held = Buffer.alloc(0)
    socket.on('data', (bytes: Buffer) => {
      held = Buffer.concat([held, bytes])
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
        const end = 2 + held.readUInt16BE(0)
        const question = held.subarray(2, end)
        held = held.subarray(end)
        for (const answer of this.#answers(question, 'tcp', socket.remotePort ?? 0)) {
          const length = Buffer.alloc(2)
          length.writeUInt16BE(answer.length)
          socket.write(Buffer.concat([length, answer]))
        }
      }
    })
  }

  #answers(bytes: Buffer, transport: 'udp' | 'tcp', port: number): Buffer[] {
    const query = decode(bytes)
    const question = query.questions?.[0]
    if (!question) return []
    const name = question.name.toLowerCase()
    const seen = sightOf(query, { ...question, name }, transport, port)
    this.#seen.push(seen)
    const entry = this.#entryOf(name)
    const truth = (): Packet => this.#truth(query, { ...question, name })
    const faulty = withFault(faultOf(entry, question.type), seen, truth)
    if (faulty !== null) return faulty
    const forged = entry?.forged ? [encode(forge(truth(), entry.forged))] : []
    return [...forged, encode(truth())]
  }

  #entryOf(name: string): ZoneEntry | undefined {
    const own = this.#zone.get(name)
    if (own) return own
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      const wild = this.#zone.get(`*${name.slice(dot)}`)
      if (wild) return wild
    }
    return undefined
  }

  #truth(query: DecodedPacket, question: Question): Packet {
    const answers: Answer[] = []
    let name = question.name
    let entry = this.#entryOf(name)
    if (faultOf(entry, question.type) === 'cname-loop') answers.push(...loopOf(name))
    else {
      while (entry?.CNAME !== undefined && question.type !== 'CNAME' && answers.length < MAX_CHAIN) {
        answers.push({ type: 'CNAME', name, ttl: entry.ttl ?? 300, data: entry.CNAME })
        if (entry.bareCname) return this.#reply(query, answers, RCODE.ok)
        name = entry.CNAME.toLowerCase()
        entry = this.#entryOf(name)
      }
    }
    const fault = faultOf(entry, question.type)
    if (fault === 'servfail') return this.#reply(query, [], RCODE.servfail)
    if (entry && fault !== 'nodata' && fault !== 'nxdomain') answers.push(...recordsOf(name, question, entry))
    const exists = fault !== 'nxdomain' && (entry !== undefined || this.#hasChildren(name))
    return this.#reply(query, answers, exists || answers.length > MAX_CHAIN ? RCODE.ok : RCODE.nxdomain)
  }

  /** RFC 8020: a name above an existing one exists, though it holds nothing. */
  #hasChildren(name: string): boolean {
    for (const known of this.#zone.keys()) if (known.endsWith(`.${name}`)) return true
    return false
  }

  #reply(query: DecodedPacket, answers: Answer[], rcode: number): Packet {
    const complete = answers.some((answer) => answer.type !== 'CNAME')
    const flags = AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | (this.authentic ? AUTHENTIC_DATA : 0) | rcode
    const authorities = complete || this.negativeTtl === null ? [] : [soa(this.negativeTtl)]
    return {
      type: 'response',
      id: query.id ?? 0,
      flags,
      questions: query.questions ?? [],
      answers,
      authorities,
    }
  }
}

function sightOf(
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

function faultOf(entry: ZoneEntry | undefined, type: string): DnsFault | undefined {
  if (typeof entry?.fault === 'string' || entry?.fault === undefined) return entry?.fault
  const byType: Readonly<Record<string, DnsFault | undefined>> = entry.fault
  return byType[type]
}

/** Null when the true answer is to be given (which may hold no records). */
function withFault(fault: DnsFault | undefined, seen: SeenQuestion, truth: () => Packet): Buffer[] | null {
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

function forge(packet: Packet, how: 'wrong-id' | 'wrong-question'): Packet {
  const asked = packet.questions?.[0]
  const name = how === 'wrong-id' ? (asked?.name ?? '') : 'forged.test'
  return {
    ...packet,
    id: how === 'wrong-id' ? (packet.id ?? 0) ^ 1 : (packet.id ?? 0),
    questions: [{ type: asked?.type ?? 'A', name }],
    answers: [{ type: 'A', name, ttl: 300, data: FORGED_ADDRESS }],
  }
}

function loopOf(name: string): Answer[] {
  return [
    { type: 'CNAME', name, ttl: 300, data: `loop.${name}` },
    { type: 'CNAME', name: `loop.${name}`, ttl: 300, data: name },
  ]
}

function recordsOf(name: string, question: Question, entry: ZoneEntry): Answer[] {
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
    default:
      return []
  }
}

const soa = (minimum: number): Answer => ({
  type: 'SOA',
  name: 'test',
  ttl: 86_400,
  data: { mname: 'ns.test', rname: 'postmaster.test', serial: 1, minimum },
})
