//
// Owns: sending domains as the operator sees them.

import { type Domain, parseDomain } from '../core/address.ts'
import { fault, ok, type Result } from '../core/result.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import type { AddFault, Domains } from '../services/domains/domains.ts'
import type { DomainWithRecords } from '../services/domains/known-domain.ts'
import type { TrackingHosts } from '../services/domains/tracking-hosts.ts'
import { dkimKeyView, findingView, recordViews, statusOf } from '../services/domains/view.ts'
import type { StoreFault } from '../store/store-fault.ts'
import type { DomainActions } from './actions.ts'
import type { AdminFault } from './admin.ts'
import { accountNamed, accountNames } from './directory.ts'
import type { DnsRow, DomainRow } from './domain-rows.ts'
import { iso, isoOrNull, notFound, storeFault } from './faults.ts'

export interface DomainActionParts {
  readonly accounts: Accounts
  readonly domains: Domains
  readonly trackingHosts: Pick<TrackingHosts, 'readiness'>
}

export function domainActions(parts: DomainActionParts): DomainActions {
  const { accounts, domains, trackingHosts } = parts
  return {
    async domainAdd({ name, account }) {
      const domain = domainNamed(name)
      if (!domain.ok) return domain
      const owner = await accountNamed(accounts, account)
      if (!owner.ok) return owner
      const added = await domains.add(owner.value.id, domain.value)
      return added.ok ? ok(dnsRows(added.value)) : fault(addFault(added.error, domain.value))
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
      const found = await known(parts, name)
      return found.ok ? ok(dnsRows(found.value)) : found
    },
    async domainVerify({ name }) {
      const found = await known(parts, name)
      if (!found.ok) return found
      const verified = await domains.verify(found.value.domain.name, null)
      if (!verified.ok) return fault(lookFault(verified.error, found.value.domain.name))
      const { care, domain, records } = verified.value
      return ok({
        name: domain.name,
        verified: domain.verifiedAt !== null,
        records: dnsRows(verified.value).map((row, at) => ({ ...row, seen: records[at]?.present === true })),
        checks: (care?.findings ?? []).map(findingView),
      })
    },
    ...keyActions(parts),
    async domainRemove({ name }) {
      const found = await known(parts, name)
      if (!found.ok) return found
      const removed = await domains.remove(found.value.domain.name, null)
      if (!removed.ok) return fault(lookFault(removed.error, found.value.domain.name))
      return ok({ name: removed.value.domain.name, publish_until: removed.value.publishUntil })
    },
    domainTrack: (ask) => domainTrack({ domains, trackingHosts }, ask),
  }
}

type KeyActions = Pick<DomainActions, 'domainRotate' | 'domainKeyList' | 'domainImportKey' | 'domainZoneShow'>

function keyActions(parts: DomainActionParts): KeyActions {
  const { domains } = parts
  return {
    async domainRotate({ name }) {
      const found = await known(parts, name)
      if (!found.ok) return found
      const rotated = await domains.rotate(found.value.domain.name, null)
      if (!rotated.ok) return fault(lookFault(rotated.error, found.value.domain.name))
      const { domain, keys, records } = rotated.value
      const waits = domain.rotationWanted ? records.filter(({ check }) => check === 'dkimNext') : []
      return ok({
        name: domain.name,
        rotated: !domain.rotationWanted,
        waits_for: waits.map((record) => record.name),
        keys: keys.map(dkimKeyView),
      })
    },
    async domainKeyList({ name }) {
      const found = await known(parts, name)
      return found.ok ? ok(found.value.keys.map(dkimKeyView)) : found
    },
    async domainImportKey({ name, privateKey, selector }) {
      const found = await known(parts, name)
      if (!found.ok) return found
      const { domain } = found.value
      const done = await domains.importKey(domain.name, null, { selector, privateKey })
      if (!done.ok) {
        const { error } = done
        if (typeof error === 'string') return fault(lookFault(error, domain.name))
        return fault({ code: 'invalid_key', message: `the key ${error.detail}` })
      }
      const key = done.value.keys.find((one) => one.selector === selector.trim().toLowerCase())
      return key ? ok(dkimKeyView(key)) : fault(noSuchDomain(domain.name))
    },
    domainZoneShow: async () => ok(await domains.zone()),
  }
}

async function known(
  { domains }: Pick<DomainActionParts, 'domains'>,
  name: string,
): Promise<Result<DomainWithRecords, AdminFault>> {
  const domain = domainNamed(name)
  if (!domain.ok) return domain
  const found = await domains.find(domain.value, null)
  return found ? ok(found) : fault(noSuchDomain(domain.value))
}

async function domainTrack(
  { domains, trackingHosts }: Pick<DomainActionParts, 'domains' | 'trackingHosts'>,
  { name, opens, clicks }: Parameters<DomainActions['domainTrack']>[0],
): ReturnType<DomainActions['domainTrack']> {
  const domain = domainNamed(name)
  if (!domain.ok) return domain
  const wanted = { opens: opens ?? undefined, clicks: clicks ?? undefined }
  const switched = await domains.switchTracking(domain.value, wanted)
  if (!switched.ok) return fault(lookFault(switched.error, domain.value))
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

const dnsRows = (found: DomainWithRecords): readonly DnsRow[] =>
  recordViews(found).map(
    ({ fix, message, name, purpose, relative_name, required, state, strings, type, value }) => ({
      type,
      name,
      value,
      purpose,
      required,
      relative_name,
      strings,
      state,
      message,
      fix,
    }),
  )

const domainRow = (found: DomainWithRecords, account: string): DomainRow => {
  const { domain, records } = found
  return {
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
    status: statusOf(found),
  }
}

const noSuchDomain = (name: Domain): AdminFault => notFound(`domain ${name}`, 'mailwok domain list')

const lookFault = (error: StoreFault | 'not-found', name: Domain): AdminFault =>
  error === 'not-found' ? noSuchDomain(name) : storeFault(error)

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
    case 'too-many':
      return {
        code: 'too_many_domains',
        message:
          'the account has as many domains as its plan allows; give it another plan: mailwok account set',
      }
    case 'full':
    case 'busy':
    case 'unavailable':
      return storeFault(error)
    default:
      return error satisfies never
  }
}
