//
// Owns: whether the smarthosts that the operator named are there.

import type { Diagnosis } from '../../core/diagnosis.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import { type Knock, knock } from '../../net/probe/knock.ts'
import { fail, fine, unknown } from './say.ts'

export interface RelayFacts {
  readonly place: string
  readonly host: string
  readonly port: number
  /** Null: its name has no address; `unknown`: no name server gave an answer. */
  readonly knock: Knock | null | 'unknown'
}

interface Place {
  readonly host: string
  readonly port: number
  readonly tls: 'starttls' | 'tls' | 'none'
}

const GREETING: Milliseconds = 5 * SECOND

export async function tryRelay(
  { host, port, tls }: Place,
  resolver: Pick<Resolver, 'addresses'>,
  connecting: Milliseconds,
): Promise<RelayFacts> {
  const facts = { place: `${host}:${port}`, host, port }
  const literal = /^[\d.]+$|:/.test(host)
  const found = literal ? null : await resolver.addresses(host)
  if (found !== null && !found.ok) {
    const isAbsent = found.error === 'nxdomain' || found.error === 'nodata'
    return { ...facts, knock: isAbsent ? null : 'unknown' }
  }
  const [address = host] = found === null ? [host] : found.value.records
  // Behind implicit TLS nobody speaks before the handshake.
  const greeting = tls === 'tls' ? 0 : GREETING
  return { ...facts, knock: await knock({ host: address, port }, { connecting, greeting }) }
}

export function judgeRelay({ host, knock, place, port }: RelayFacts): Diagnosis {
  if (knock === null) {
    const why = `The relay's name ${host} has no address: nothing can be brought there.`
    return fail('relay_name', { subject: place, why, fix: ['Mend host in this [[relay]] of mailwok.toml.'] })
  }
  if (knock === 'unknown') {
    const why = `No name server gave an answer for ${host}.`
    return unknown('relay_name', { subject: place, why, fix: ['See what is said of the name servers.'] })
  }
  if (knock.answered === 'greeted' || knock.answered === 'open') {
    return fine('relay', place, `The relay answers${knock.said === '' ? '' : `: ${knock.said}`}.`)
  }
  const why = `The relay took no connection (${knock.answered}): mail that goes by it waits.`
  const fix = [
    `nc -v ${host} ${port}`,
    'If that hangs too, port and firewall are to be asked; port 587, 465 and 2525 are the usual ones.',
  ]
  return fail('relay_unreachable', { subject: place, why, fix })
}
