//
// Owns: one look at everything that receivers look up about a domain. Reads the DNS through its port, changes nothing.
// Never: takes silence for absence. SERVFAIL and time-outs leave a check as it was.

import type { DomainChecks, SendingDomain, StoredDkimKey } from '../../core/account.ts'
import type { Finding } from '../../core/finding.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import { Asking } from './asking.ts'
import { dkimFinding } from './check-dkim.ts'
import { checkDmarc } from './check-dmarc.ts'
import { authorMx, bimi, mtaSts, returnPathMx, trackingCname } from './check-others.ts'
import { authorSpf, returnPathSpf } from './check-spf.ts'
import { checkOf, dkimName, dkimTarget, type OwnNames, returnPathHost, trackingHostOf } from './records.ts'

/** null: nobody could tell. */
export type Sights = { readonly [Check in keyof DomainChecks]: boolean | null }

export interface Look {
  readonly sights: Sights
  /** By selector; null: nobody could tell. */
  readonly keys: ReadonlyMap<string, boolean | null>
  readonly findings: readonly Finding[]
}

export async function look(
  resolver: Resolver,
  {
    domain,
    keys,
    own,
  }: { readonly domain: SendingDomain; readonly keys: readonly StoredDkimKey[]; readonly own: OwnNames },
): Promise<Look> {
  const ask = new Asking(resolver)
  const { name } = domain
  const bounce = returnPathHost(name)
  const dkim = await Promise.all(
    keys.map(async (key) => inZone(dkimFinding(key, await ask.txt(dkimName(key))), key, own)),
  )
  const seen = new Map(keys.map((key, at) => [key.selector, sightOf(dkim[at])]))
  const keyOf = (check: 'dkimRsa' | 'dkimEd25519'): boolean | null => {
    const key = keys.find((each) => each.state === 'active' && checkOf(each.algorithm) === check)
    return key ? (seen.get(key.selector) ?? null) : false
  }
  const [mx, spf, author, answers, links, sts] = await Promise.all([
    returnPathMx(ask, bounce, own.hostname),
    returnPathSpf(ask, { name: bounce, hostname: own.hostname }),
    authorSpf(ask, { name, hostname: own.hostname }),
    authorMx(ask, name),
    trackingCname(ask, trackingHostOf(domain), own.publicHost),
    mtaSts(ask, name),
  ])
  const sights = {
    dkimRsa: keyOf('dkimRsa'),
    dkimEd25519: keyOf('dkimEd25519'),
    returnPathMx: sightOf(mx),
    returnPathSpf: sightOf(spf),
  }
  const dmarc = await checkDmarc(ask, name, {
    signed: sights.dkimRsa === true || sights.dkimEd25519 === true,
    ownReturnPath: sights.returnPathMx === true && sights.returnPathSpf === true,
  })
  const picture = await bimi(ask, name, dmarc.walk)
  return {
    sights: { ...sights, dmarc: hasDmarc(dmarc.finding), tracking: sightOf(links) },
    keys: seen,
    findings: [...dkim, mx, spf, dmarc.finding, links, author, answers, sts, picture],
  }
}

/** Where the zone of keys is served from here, a CNAME is to be published, and the key stands behind it. */
function inZone(finding: Finding, key: StoredDkimKey, { dkimZone = '' }: OwnNames): Finding {
  if (dkimZone === '' || !finding.fix.startsWith('Publish at')) return finding
  const fix = `Publish at ${finding.name} the CNAME ${dkimTarget(key, dkimZone)}; what mailwok domain zone prints has to stand in the zone ${dkimZone}.`
  return { ...finding, fix }
}

/** What only warns is there. */
const sightOf = (finding: Finding | undefined): boolean | null => {
  if (finding === undefined || finding.state === 'unknown') return null
  return finding.state === 'ok' || finding.state === 'warning'
}

/** One that is wrong in some tag is a record all the same: another one beside it would break both. */
const hasDmarc = ({ found, state }: Finding): boolean | null =>
  state === 'unknown'
    ? null
    : state === 'ok' || state === 'warning' || (state === 'wrong' && found.length > 0)
