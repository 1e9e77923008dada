//
// Owns: sending domains as the operator sees them.

import { type Domain, parseDomain } from '../core/address.ts'
import { fault, ok, type Result } from '../core/result.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import type { AddFault, Domains } from '../services/domains/domains.ts'
import type { DomainWithRecords } from '../services/domains/known-domain.ts'
import type { DnsRecord } from '../services/domains/records.ts'
import type { TrackingHosts } from '../services/domains/tracking-hosts.ts'
import type { DomainActions } from './actions.ts'
import type { AdminFault, DnsRow, DomainRow } from './admin.ts'
import { accountNamed, accountNames } from './directory.ts'
import { iso, isoOrNull, notFound, storeFault } from './faults.ts'

export interface DomainActionParts {
  readonly accounts: Accounts
  readonly domains: Domains
  readonly trackingHosts: Pick<TrackingHosts, 'readiness'>
}

export function domainActions({ accounts, domains, trackingHosts }: DomainActionParts): DomainActions {
  return {
    async domainAdd({ name, account }) {
      const domain = domainNamed(name)
      if (!domain.ok) return domain
      const owner = await accountNamed(accounts, account)
      if (!owner.ok) return owner
      const added = await domains.add(owner.value.id, domain.value)
      return added.ok ? ok(added.value.records.map(dnsRow)) : fault(addFault(added.error, domain.value))
    },
    async domainList({ account }) {
      const owner = account === null ? null : await accountNamed(accounts, account)
      if (owner?.ok === false) return owner
      const nameOf = await accountNames(accounts)
      const rows: DomainRow[] = []
      for (const { name } of await domains.list(owner?.ok ? owner.value.id : null)) {
        const found = await domains.find(name, null)
        if (found) rows.push(domainRow(found, nameOf(found.domain.accountId)))
      }
      return ok(rows)
    },
    async domainDns({ name }) {
      const domain = domainNamed(name)
      if (!domain.ok) return domain
      const found = await domains.find(domain.value, null)
      return found ? ok(found.records.map(dnsRow)) : fault(noSuchDomain(domain.value))
    },
    async domainVerify({ name }) {
      const domain = domainNamed(name)
      if (!domain.ok) return domain
      const verified = await domains.verify(domain.value, null)
      if (!verified.ok) {
        return fault(verified.error === 'not-found' ? noSuchDomain(domain.value) : storeFault(verified.error))
      }
      return ok({
        name: domain.value,
        verified: verified.value.domain.verifiedAt !== null,
        records: verified.value.records.map((it) => ({ ...dnsRow(it), seen: it.present === true })),
      })
    },
    domainTrack: (ask) => domainTrack({ domains, trackingHosts }, ask),
  }
}

async function domainTrack(
  { domains, trackingHosts }: Pick<DomainActionParts, 'domains' | 'trackingHosts'>,
  { name, opens, clicks }: Parameters<DomainActions['domainTrack']>[0],
): ReturnType<DomainActions['domainTrack']> {
  const domain = domainNamed(name)
  if (!domain.ok) return domain
  const wanted = { opens: opens ?? undefined, clicks: clicks ?? undefined }
  const switched = await domains.switchTracking(domain.value, wanted)
  if (!switched.ok) {
    return fault(switched.error === 'not-found' ? noSuchDomain(domain.value) : storeFault(switched.error))
  }
  const { checks, tracking } = switched.value
  const host = await trackingHosts.readiness(domain.value, checks.tracking)
  return ok({
    name: domain.value,
    ...tracking,
    base: 'base' in host ? host.base : null,
    why: 'off' in host ? host.off : null,
  })
}

function domainNamed(name: string): Result<Domain, AdminFault> {
  const domain = parseDomain(name)
  if (domain.ok) return domain
  return fault({
    code: 'invalid_domain',
    message: `${JSON.stringify(name)} is not a domain; want one such as example.com`,
  })
}

const dnsRow = (record: DnsRecord): DnsRow => ({
  type: record.type,
  name: record.name,
  value: record.value,
  purpose: record.purpose,
  required: record.required,
  relative_name: record.relativeName,
  strings: record.strings,
})

const domainRow = ({ domain, records }: DomainWithRecords, account: string): DomainRow => ({
  name: domain.name,
  account,
  verified: domain.verifiedAt !== null,
  created_at: iso(domain.createdAt),
  checked_at: isoOrNull(domain.checkedAt),
  missing: records
    .filter((record) => record.required && record.present !== true)
    .map((record) => `${record.type} ${record.name}`),
  track_opens: domain.tracking.opens,
  track_clicks: domain.tracking.clicks,
})

const noSuchDomain = (name: Domain): AdminFault => notFound(`domain ${name}`, 'mailwok domain list')

function addFault(error: AddFault, name: Domain): AdminFault {
  switch (error) {
    case 'exists':
      return {
        code: 'exists',
        message: `${name} was added before; its records: mailwok domain dns ${name}`,
      }
    case 'taken':
      return { code: 'taken', message: `${name} belongs to another account` }
    case 'public-suffix':
      return { code: 'public_suffix', message: `${name} belongs to everybody; add a domain below it` }
    case 'full':
    case 'busy':
    case 'unavailable':
      return storeFault(error)
    default:
      return error satisfies never
  }
}
