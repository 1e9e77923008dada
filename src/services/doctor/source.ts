//
// Owns: whether receivers believe the addresses from which mail leaves: PTR, forward-confirmed, and HELO.

import type { Diagnosis } from '../../core/diagnosis.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import { canonical, isIpv6 } from '../../net/http/reach.ts'
import { checkPtr, type PtrFinding } from '../sources/ptr.ts'
import { fail, fine, unknown, warn } from './say.ts'

export interface SourceFacts {
  readonly address: string
  readonly ptr: PtrFinding
  /** What EHLO says. */
  readonly hello: string
  /** To which addresses of the same family that name leads; null: nobody could tell. */
  readonly helloLeads: readonly string[] | null
  /** Named in the configuration, and not an address of this machine. */
  readonly absent: boolean
}

export interface SourceAsk {
  readonly address: string
  /** As configured; empty: the PTR where that is right, else `ownName`. */
  readonly hostname: string
  readonly ownName: string
  readonly absent: boolean
}

export async function seeSource(
  { absent, address, hostname, ownName }: SourceAsk,
  resolver: Pick<Resolver, 'ptr' | 'addresses'>,
): Promise<SourceFacts> {
  const ptr = await checkPtr(address, resolver)
  const hello = hostname || (ptr.state === 'ok' ? ptr.name : null) || ownName
  const found = await resolver.addresses(hello, [isIpv6(address) ? 'ipv6' : 'ipv4'])
  const isAbsent = !found.ok && (found.error === 'nxdomain' || found.error === 'nodata')
  const helloLeads = found.ok ? found.value.records.map(canonical) : isAbsent ? [] : null
  return { address, ptr, hello, helloLeads, absent }
}

export function judgeSource(facts: SourceFacts): readonly Diagnosis[] {
  const { absent, address, hello, ptr } = facts
  const found: Diagnosis[] = []
  if (absent) {
    const why = `${address} is named as an outgoing address, and this machine does not have it: mail cannot leave by it.`
    const fix = [
      `ip address add ${address}/${isIpv6(address) ? 64 : 32} dev eth0`,
      'Or take it out of [delivery] source_ips or [[source]].',
    ]
    found.push(fail('source_absent', { subject: address, why, fix }))
  }
  found.push(...judgePtr(facts))
  if (found.length > 0) return found
  const why =
    ptr.state === 'private'
      ? 'It is an inside address; nothing is to be checked here.'
      : `Its PTR is ${ptr.name ?? ''}, which leads back to it; HELO says ${hello}.`
  return [fine('source', address, why)]
}

function judgePtr(facts: SourceFacts): readonly Diagnosis[] {
  const { address, hello, ptr } = facts
  const subject = address
  const family = isIpv6(address) ? 'IPv6' : 'IPv4'
  const effect = isIpv6(address)
    ? 'It is not used until that is right.'
    : 'Many receivers refuse its mail or put it among spam.'
  switch (ptr.state) {
    case 'private':
      return []
    case 'unchecked':
      return [
        unknown('ptr_unchecked', {
          subject,
          why: `No name server gave an answer for the PTR of ${address}.`,
          fix: [`dig -x ${address}`],
        }),
      ]
    case 'missing':
      return [
        fail('ptr_missing', {
          subject,
          why: `${address} (${family}) has no PTR record. ${effect}`,
          fix: ptrLines(address, hello),
        }),
      ]
    case 'mismatch': {
      const why = `The PTR of ${address} (${family}) is ${ptr.name ?? ''}, and that name does not lead back to it. ${effect}`
      const fix = [
        ...ptrLines(address, hello),
        `and publish: ${hello}. 3600 IN ${isIpv6(address) ? 'AAAA' : 'A'} ${address}`,
      ]
      return [fail('ptr_mismatch', { subject, why, fix })]
    }
    case 'ok':
      return judgeHello(facts)
    default:
      return ptr.state satisfies never
  }
}

/** The PTR is confirmed: what is left is whether it goes with what we say of ourselves. */
function judgeHello({ address, hello, helloLeads, ptr }: SourceFacts): readonly Diagnosis[] {
  const subject = address
  if (helloLeads !== null && !helloLeads.includes(canonical(address))) {
    const why = `HELO says ${hello}, which does not lead to ${address}; its PTR is ${ptr.name ?? ''}. Receivers that compare them trust less.`
    return [
      warn('helo_mismatch', {
        subject,
        why,
        fix: [
          `Publish: ${hello}. 3600 IN ${isIpv6(address) ? 'AAAA' : 'A'} ${address}`,
          `Or leave hostname of this [[source]] empty: then HELO says ${ptr.name ?? 'the PTR'}.`,
        ],
      }),
    ]
  }
  if (isGeneric(ptr.name ?? '', address)) {
    const why = `The PTR of ${address} is ${ptr.name ?? ''}, a name that hosters give to all their addresses: large receivers take such senders for home machines.`
    return [
      warn('ptr_generic', {
        subject,
        why,
        fix: ptrLines(address, hello === ptr.name ? 'mail.example.com' : hello),
      }),
    ]
  }
  return []
}

/** At nearly every hoster it is a field beside the address, in its console. */
const ptrLines = (address: string, name: string): readonly string[] => [
  `Set the PTR record (also "reverse DNS") of ${address} to ${name} in your hoster's console, or ask it to.`,
  `dig -x ${address} +short     # shows it once it is there`,
]

/** Its numbers stand in the name, in whatever order and spelling. */
function isGeneric(name: string, address: string): boolean {
  if (isIpv6(address)) return /\b(?:dynamic|dyn|pool|dhcp)\b/.test(name)
  const numbers = address.split('.')
  const inName: readonly string[] = name.match(/\d+/g) ?? []
  const shown = numbers.filter((number) => inName.some((one) => Number(one) === Number(number)))
  return shown.length === numbers.length
}
