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
} from 'dns-packet'
import { faultOf, forge, loopOf, RCODE, recordsOf, sightOf, soa, withFault } from './dns-answers.ts'

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
  /** Usage, selector, matching type, hex. */
  readonly TLSA?: readonly (readonly [number, number, number, string])[]
  /** In a zone without signatures: no AD bit, whatever the others have. */
  readonly insecure?: boolean
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
export type RecordKind = 'A' | 'AAAA' | 'MX' | 'TXT' | 'CNAME' | 'PTR' | 'TLSA'

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

const MAX_CHAIN = 12

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
      // Once it is bound, what is told here is that an asker has gone.
      udp.on('error', failed)
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
    for (const answer of this.#answers(bytes, 'udp', from.port)) this.#send(answer, from)
  }

  /** A refusal (ICMP) of an earlier answer, whose asker had gone, fails the next send to whomever: that one goes again. */
  #send(answer: Buffer, to: RemoteInfo): void {
    this.#udp.send(answer, to.port, to.address, (fault) => {
      if (fault) this.#udp.send(answer, to.port, to.address, () => {})
    })
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
        if (entry.bareCname) return { ...this.#reply(query, answers, RCODE.ok), authorities: [] }
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
    const complete = answers.some((answer) => answer.type === query.questions?.[0]?.type)
    const names = [query.questions?.[0]?.name.toLowerCase() ?? '', ...answers.map((answer) => answer.name)]
    const authentic = this.authentic && !names.some((name) => this.#entryOf(name)?.insecure)
    const flags = AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | (authentic ? AUTHENTIC_DATA : 0) | rcode
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
