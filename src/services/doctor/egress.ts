//
// Owns: whether mail can leave on port 25: knocking at the MX hosts of several large receivers, and what to do where
// nobody answers.

import type { Diagnosis } from '../../core/diagnosis.ts'
import type { Milliseconds } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import type { Family, Resolver } from '../../net/dns/resolver.ts'
import { isIpv6, reachOf } from '../../net/http/reach.ts'
import { type Knock, knock } from '../../net/probe/knock.ts'
import { fail, fine, unknown, warn } from './say.ts'

export interface Tried {
  /** Whose MX it is. */
  readonly domain: string
  readonly host: string
  readonly address: string
  readonly knock: Knock
}

export interface EgressFacts {
  readonly mode: 'direct' | 'relay' | 'hybrid' | 'capture'
  readonly port: number
  readonly hostname: string
  readonly hasRelay: boolean
  /** Of our addresses, for the letter to the hoster; empty: unknown. */
  readonly sources: readonly string[]
  readonly tried: readonly Tried[]
  /** Whose MX could not be looked up. */
  readonly unknown: readonly string[]
}

export interface EgressParts {
  readonly resolver: Pick<Resolver, 'mx' | 'addresses'>
  /** Domains of large receivers. */
  readonly receivers: readonly string[]
  readonly families: readonly Family[]
  readonly port: number
  /** In labs. */
  readonly allowPrivate: boolean
  readonly connect: Milliseconds
}

/** Large receivers greet at once; who is slower is there all the same. */
const GREETING: Milliseconds = 3 * SECOND

/** One host of each receiver and family: more would only be noise at their door. */
export async function tryEgress(parts: EgressParts): Promise<Pick<EgressFacts, 'tried' | 'unknown'>> {
  const { allowPrivate, connect, families, port, receivers, resolver } = parts
  const looked = await Promise.all(
    receivers.map(async (domain) => {
      const found = await resolver.mx(domain)
      if (!found.ok) return { domain, tried: [] }
      const [first] = found.value.records.toSorted((a, b) => a.preference - b.preference)
      if (first === undefined || first.exchange === '') return { domain, tried: [] }
      const addresses = await Promise.all(
        families.map(async (family) => {
          const at = await resolver.addresses(first.exchange, [family])
          return at.ok ? at.value.records.slice(0, 1) : []
        }),
      )
      const usable = addresses.flat().filter((address) => allowPrivate || reachOf(address) === 'public')
      const tried = usable.map(async (address) => ({
        domain,
        host: first.exchange,
        address,
        knock: await knock({ host: address, port }, { connecting: connect, greeting: GREETING }),
      }))
      return { domain, tried: await Promise.all(tried) }
    }),
  )
  return {
    tried: looked.flatMap(({ tried }) => tried),
    unknown: looked.filter(({ tried }) => tried.length === 0).map(({ domain }) => domain),
  }
}

export function judgeEgress(facts: EgressFacts): readonly Diagnosis[] {
  const { hasRelay, mode, port, tried } = facts
  const subject = `port ${port}`
  if (mode === 'capture') return [fine('egress', subject, 'Mail is captured; nothing leaves this machine.')]
  if (mode === 'relay')
    return [fine('egress', subject, 'All mail goes by relay; outgoing port 25 is not needed.')]
  if (tried.length === 0) {
    const why = `No MX of ${facts.unknown.join(', ') || 'any receiver'} could be looked up, so nobody was knocked at.`
    const fix = ['See what is said of the name servers; doctor.receivers says whom to try.']
    return [unknown('egress_unchecked', { subject, why, fix })]
  }
  const v4 = tried.filter(({ address }) => !isIpv6(address))
  const v6 = tried.filter(({ address }) => isIpv6(address))
  const met = tried.filter(isMet)
  if (met.length === 0) {
    const why = `None of ${tried.length} hosts of large receivers took a connection to port ${port} (${seen(tried)}): most hosters block it until they are asked.${hasRelay ? ' Mail goes by relay meanwhile.' : ' Mail waits meanwhile.'}`
    const trouble = { subject, why, fix: [...letterToHoster(facts), ...(hasRelay ? [] : RELAY_LINES)] }
    return [hasRelay ? warn('port_25_blocked', trouble) : fail('port_25_blocked', trouble)]
  }
  if (v4.some(isMet) && v6.length > 0 && !v6.some(isMet)) {
    const why = `Hosts answer over IPv4 and none of ${v6.length} over IPv6 (${seen(v6)}): mail tries IPv6 first or second, and loses time by it.`
    const fix = [
      'Ask the hoster to open outgoing port 25 over IPv6 as well, or send from IPv4 alone:',
      '[delivery]',
      `source_ips = [${
        facts.sources
          .filter((one) => !isIpv6(one))
          .map((one) => `"${one}"`)
          .join(', ') || '"YOUR.IPV4.ADDRESS"'
      }]`,
    ]
    return [warn('ipv6_blocked', { subject: `${subject}, IPv6`, why, fix })]
  }
  const silent = tried.filter((one) => !isMet(one))
  if (silent.length > 0 && silent.length >= met.length) {
    const why = `${silent.length} of ${tried.length} hosts took no connection (${seen(silent)}), the others did.`
    const fix = [
      'Look again later; if the same ones stay silent, ask the hoster whether it filters outgoing port 25.',
    ]
    return [warn('port_25_partly', { subject, why, fix })]
  }
  return [fine('egress', subject, `${met.length} of ${tried.length} hosts of large receivers answer.`)]
}

const isMet = ({ knock: { answered } }: Tried): boolean => answered === 'greeted' || answered === 'open'

const seen = (tried: readonly Tried[]): string =>
  tried
    .slice(0, 3)
    .map(({ address, host, knock: { answered } }) => `${host} ${address}: ${answered}`)
    .join('; ')

/** What a hoster wants to know before it opens the port. */
const letterToHoster = ({ hostname, sources }: EgressFacts): readonly string[] => [
  'Send this to your hoster:',
  '  Subject: Please open outgoing port 25 (SMTP)',
  '  Hello,',
  `  my server ${hostname}${sources.length === 0 ? '' : ` (${sources.join(', ')})`} sends mail of my own applications to recipients who asked for it.`,
  '  Outgoing connections to TCP port 25 are blocked. Please open them for this server.',
  `  The PTR record of its address is, or will be, ${hostname}. The mail is signed (DKIM), SPF and DMARC are published,`,
  '  bounces and complaints come back to the same server and end further mail to that recipient at once.',
  `  postmaster@${hostname} and abuse@${hostname} are read.`,
  '  Thank you.',
]

const RELAY_LINES: readonly string[] = [
  'Until then, or for good, send by a relay; in mailwok.toml:',
  '[delivery]',
  'mode = "hybrid"        # "relay" where the port will never be opened',
  '[[relay]]',
  'host = "smtp.example.net"',
  'port = 587',
  'username = "user"',
  'password__FILE = "/etc/mailwok/relay-password"',
]
