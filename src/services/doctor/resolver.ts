//
// Owns: whether the name servers that are asked do their work, and whether what they say of signatures counts.

import type { Diagnosis } from '../../core/diagnosis.ts'
import type { Clock } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import type { AdTrust, Endpoint } from '../../net/dns/servers.ts'
import { StubResolver } from '../../net/dns/stub.ts'
import { fail, fine, warn } from './say.ts'

export interface ServerFacts {
  readonly server: string
  readonly answer: 'ok' | 'servfail' | 'timeout'
  readonly took: Milliseconds
  /** It said AD of some name, and its word counts; null: none of them was found. */
  readonly authentic: boolean | null
}

export interface ResolverFacts {
  readonly servers: readonly ServerFacts[]
  /** What was asked for. */
  readonly question: string
  readonly wantsDane: boolean
}

export interface ResolverParts {
  readonly servers: readonly Endpoint[]
  readonly trustAd: AdTrust
  readonly patience: Milliseconds
  readonly clock: Clock
  /** Names that exist; the first is what is asked, and one of them is signed. */
  readonly questions: readonly string[]
}

/** Answers of others wait behind it, mail after mail. */
const SLOW: Milliseconds = SECOND

/** Each by itself: one of several that is dead costs every question of the others its time. */
export function tryServers({ clock, questions, servers, ...options }: ResolverParts): Promise<ServerFacts[]> {
  return Promise.all(
    servers.map(async (server) => {
      const stub = new StubResolver({ ...options, servers: [server], clock, cacheEntries: 0 })
      const begin = clock.monotonic()
      const found = await stub.mx(questions[0] ?? '')
      const took = clock.monotonic() - begin
      const others = await Promise.all(
        (failureOf(found) === null ? questions.slice(1) : []).map((one) => stub.mx(one)),
      )
      stub.close()
      const known = [found, ...others].flatMap((one) => (one.ok ? [one.value] : []))
      return {
        server: `${server.address}${server.port === 53 ? '' : `:${server.port}`}`,
        answer: failureOf(found) ?? ('ok' as const),
        took,
        authentic: known.length === 0 ? null : known.some(({ authentic }) => authentic),
      }
    }),
  )
}

/** That a name does not exist is an answer as well. */
const failureOf = (found: Awaited<ReturnType<Resolver['mx']>>): 'servfail' | 'timeout' | null =>
  !found.ok && (found.error === 'servfail' || found.error === 'timeout') ? found.error : null

export function judgeResolver({ question, servers, wantsDane }: ResolverFacts): readonly Diagnosis[] {
  const found = servers.flatMap((server) => judgeServer(server, question, servers.length))
  const working = servers.filter(({ answer }) => answer === 'ok')
  if (wantsDane && working.length > 0 && working.every(({ authentic }) => authentic === false)) {
    const why =
      'No name server vouches for signed answers (DNSSEC): DANE of receivers stays unused, and their MX could be forged on the way.'
    const fix = [
      'apt install unbound     # a name server of your own that checks signatures',
      '[dns]',
      'servers = ["127.0.0.1:53"]',
      '# or, where the way to your name servers is safe and they do check: trust_ad = "always"',
      '# or, to do without: [delivery] dane = "off"',
    ]
    found.push(warn('dnssec_missing', { subject: 'DNSSEC', why, fix }))
  }
  return found
}

function judgeServer(
  { answer, server, took }: ServerFacts,
  question: string,
  count: number,
): readonly Diagnosis[] {
  const subject = server
  const others =
    count > 1
      ? 'Questions lose time until another one is asked.'
      : 'It is the only one: no mail finds its way.'
  const fix = [
    `dig @${server.replace(/:\d+$/, '')} MX ${question}`,
    'Name others in [dns] servers, or in /etc/resolv.conf.',
  ]
  if (answer === 'timeout') {
    const trouble = { subject, why: `The name server ${server} is silent. ${others}`, fix }
    return [count > 1 ? warn('resolver_silent', trouble) : fail('resolver_silent', trouble)]
  }
  if (answer === 'servfail') {
    const why = `The name server ${server} gives no usable answer for ${question}: it is lame, refuses us, or does not recurse. ${others}`
    const trouble = { subject, why, fix }
    return [count > 1 ? warn('resolver_lame', trouble) : fail('resolver_lame', trouble)]
  }
  if (took > SLOW) {
    const why = `The name server ${server} took ${(took / 1000).toFixed(1)} s for one answer.`
    return [warn('resolver_slow', { subject, why, fix })]
  }
  return [fine('resolver', subject, `It answers within ${Math.max(1, Math.round(took))} ms.`)]
}
