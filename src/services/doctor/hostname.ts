//
// Owns: whether our own name leads to this machine: links in mail and bounces come by it.

import type { Diagnosis } from '../../core/diagnosis.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import { canonical, isIpv6, reachOf } from '../../net/http/reach.ts'
import { fail, fine, unknown, warn } from './say.ts'

export interface HostnameFacts {
  readonly hostname: string
  /** Null: no name server gave an answer. */
  readonly addresses: readonly string[] | null
  /** Of this machine, without loopback. */
  readonly own: readonly string[]
  readonly operator: string
  /** Labs call themselves as they like. */
  readonly lab: boolean
}

export async function seeHostname(
  hostname: string,
  resolver: Pick<Resolver, 'addresses'>,
): Promise<readonly string[] | null> {
  const found = await resolver.addresses(hostname)
  if (found.ok) return found.value.records.map(canonical)
  return found.error === 'nxdomain' || found.error === 'nodata' ? [] : null
}

export function judgeHostname(facts: HostnameFacts): readonly Diagnosis[] {
  const { addresses, hostname, own } = facts
  const subject = hostname
  const outside = own.filter((address) => reachOf(address) === 'public').map(canonical)
  if (addresses === null) {
    const why = `No name server gave an answer for ${hostname}.`
    return [unknown('hostname_unchecked', { subject, why, fix: ['See what is said of the name servers.'] })]
  }
  if (addresses.length === 0) {
    const why = `server.hostname is ${hostname}, which has no address in the DNS: receivers that look it up (HELO) trust less, bounces and links find no way here.`
    const fix =
      outside.length > 0
        ? outside.map((address) => record(hostname, address))
        : [record(hostname, 'YOUR.IPV4.ADDRESS')]
    return [fail('hostname_no_address', { subject, why, fix: ['Publish in the DNS:', ...fix] })]
  }
  const foreign = addresses.filter((address) => !own.map(canonical).includes(address))
  if (outside.length > 0 && foreign.length === addresses.length) {
    const why = `${hostname} leads to ${addresses.join(', ')}, and this machine is ${outside.join(', ')}: bounces and links go elsewhere.`
    const fix = [
      'Publish in the DNS:',
      ...outside.map((address) => record(hostname, address)),
      'Or set server.hostname to the name of this machine. Behind a translator (NAT) or a balancer that passes on 25 and 443 it is right as it is.',
    ]
    return [warn('hostname_elsewhere', { subject, why, fix })]
  }
  return [fine('hostname', subject, `It leads to ${addresses.join(', ')}.`)]
}

/** What the configuration says of names, without asking anybody. */
export function judgeNames({ hostname, lab, operator }: HostnameFacts): readonly Diagnosis[] {
  const found: Diagnosis[] = []
  if (!hostname.includes('.') && !lab) {
    const why = `server.hostname is "${hostname}", no full name: bounces do not come back, and receivers refuse such a HELO.`
    found.push(
      fail('hostname_not_full', {
        subject: 'server.hostname',
        why,
        fix: ['[server]', 'hostname = "mail.example.com"'],
      }),
    )
  }
  if (operator === '') {
    const why =
      'server.operator is empty: nobody is told when something goes wrong, and mail to postmaster@ and abuse@ is read by nobody.'
    found.push(
      warn('operator_missing', {
        subject: 'server.operator',
        why,
        fix: ['[server]', 'operator = "you@example.org"'],
      }),
    )
  }
  return found.length > 0
    ? found
    : [fine('configuration', 'mailwok.toml', 'It is valid and names who is in charge.')]
}

const record = (hostname: string, address: string): string =>
  `${hostname}. 3600 IN ${isIpv6(address) ? 'AAAA' : 'A'} ${address}`
