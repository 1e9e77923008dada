//
// Owns: /v1/domains: the domains that an account may send as, what to publish for them, and their DKIM keys.

import { Elysia } from 'elysia'
import type { SendingDomain } from '../../../core/account.ts'
import { type Domain, parseDomain } from '../../../core/address.ts'
import type { AccountId } from '../../../core/ids.ts'
import { fault, ok, type Result } from '../../../core/result.ts'
import type { DomainChange } from '../../../services/domains/domains.ts'
import type { DomainWithRecords } from '../../../services/domains/known-domain.ts'
import { returnPathHost } from '../../../services/domains/records.ts'
import { domainView, findingView, recordViews, statusOf, zoneText } from '../../../services/domains/view.ts'
import { find, findLive } from '../domain-find.ts'
import { domainFault, importProblem, listPage } from '../domain-problems.ts'
import {
  ADD_DOMAIN,
  CHANGE_DOMAIN,
  DNS_OF_DOMAIN,
  GET_DOMAIN,
  LIST_DOMAINS,
  REMOVE_DOMAIN,
  VERIFY_DOMAIN,
} from '../operations/domains.ts'
import type { Page } from '../page.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { LIVE_KEY_REQUIRED, type Problem } from '../problem.ts'
import { invalid } from '../query.ts'
import { NO_QUERY, readQuery } from '../read-query.ts'
import { say } from '../say.ts'
import { ChangeDomainBody, DnsQuery, DomainsQuery, NewDomainBody } from '../schema/domains.ts'
import { domainKeyRoutes } from './domain-keys.ts'

type CallerOf = (request: Request) => Caller

export function domainRoutes(parts: ApiParts, callerOf: CallerOf) {
  return new Elysia({ prefix: '/v1/domains', name: 'domains', normalize: false })
    .use(bookRoutes(parts, callerOf))
    .use(oneRoutes(parts, callerOf))
    .use(lookRoutes(parts, callerOf))
    .use(domainKeyRoutes(parts, callerOf))
}

function bookRoutes(parts: ApiParts, callerOf: CallerOf) {
  const { domains, ids } = parts
  return new Elysia({ name: 'domain-book', normalize: false })
    .get(
      '',
      async ({ request, set }) => {
        const ask = readQuery(request, DomainsQuery)
        if (!ask.ok) return say(ask.error, set, ids)
        const page = await pageIn(parts, callerOf(request).key.accountId, ask.value)
        if (!page.ok) return say(page.error, set, ids)
        return {
          success: true,
          data: page.value.data.map(domainView),
          has_more: page.value.has_more,
        } as const
      },
      { ...LIST_DOMAINS },
    )
    .post(
      '',
      async ({ body, request, set }) => {
        const { key } = callerOf(request)
        if (key.mode === 'test') return say(LIVE_KEY_REQUIRED, set, ids)
        const name = parseDomain(body.name)
        if (!name.ok) return say(invalid('name', 'is no domain; want one such as "example.com"'), set, ids)
        const change = readChange(body, name.value)
        if (!change.ok) return say(change.error, set, ids)
        const brought = await domains.bring(
          name.value,
          (body.dkim ?? []).map((one) => ({ selector: one.selector, privateKey: one.private_key })),
        )
        if (!brought.ok) return say(importProblem(brought.error, `dkim[${brought.error.at}].`), set, ids)
        const added = await domains.add(key.accountId, name.value, brought.value)
        if (!added.ok) return say(domainFault(added.error, name.value), set, ids)
        const changed = await domains.change(name.value, change.value)
        if (!changed.ok) return say(domainFault(changed.error, name.value), set, ids)
        const known = (await domains.find(name.value, key.accountId)) ?? added.value
        return { success: true, ...withRecords(known) } as const
      },
      { body: NewDomainBody, ...ADD_DOMAIN },
    )
}

function oneRoutes(parts: ApiParts, callerOf: CallerOf) {
  const { domains, ids } = parts
  return new Elysia({ name: 'domain', normalize: false })
    .get(
      '/:name',
      async ({ params, request, set }) => {
        const known = await find(parts, params.name, callerOf(request))
        return known.ok
          ? ({ success: true, domain: domainView(known.value) } as const)
          : say(known.error, set, ids)
      },
      { ...GET_DOMAIN },
    )
    .patch(
      '/:name',
      async ({ body, params, request, set }) => {
        const caller = callerOf(request)
        const known = await findLive(parts, params.name, caller)
        if (!known.ok) return say(known.error, set, ids)
        const { name } = known.value.domain
        const change = readChange(body, name, known.value)
        if (!change.ok) return say(change.error, set, ids)
        const changed = await domains.change(name, change.value)
        if (!changed.ok) return say(domainFault(changed.error, name), set, ids)
        const after = await find(parts, name, caller)
        return after.ok
          ? ({ success: true, domain: domainView(after.value) } as const)
          : say(after.error, set, ids)
      },
      { body: ChangeDomainBody, ...CHANGE_DOMAIN },
    )
    .delete(
      '/:name',
      async ({ params, request, set }) => {
        const caller = callerOf(request)
        const known = await findLive(parts, params.name, caller)
        if (!known.ok) return say(known.error, set, ids)
        const { name } = known.value.domain
        const removed = await domains.remove(name, caller.key.accountId)
        if (!removed.ok) return say(domainFault(removed.error, name), set, ids)
        const until = removed.value.publishUntil
        return {
          success: true,
          removed: 1,
          queued_mail: `Mail that was accepted before is still delivered and signed; leave the DKIM records of ${name} until ${until}.`,
          publish_until: until,
        } as const
      },
      { ...REMOVE_DOMAIN },
    )
}

function lookRoutes(parts: ApiParts, callerOf: CallerOf) {
  const { domains, ids } = parts
  return new Elysia({ name: 'domain-looks', normalize: false })
    .get(
      '/:name/dns',
      async ({ params, request, set }) => {
        const ask = readQuery(request, DnsQuery)
        if (!ask.ok) return say(ask.error, set, ids)
        const known = await find(parts, params.name, callerOf(request))
        if (!known.ok) return say(known.error, set, ids)
        if (ask.value.format !== 'bind') return { success: true, ...withRecords(known.value) } as const
        set.headers['content-type'] = 'text/plain; charset=utf-8'
        return zoneText(known.value.records)
      },
      { ...DNS_OF_DOMAIN },
    )
    .post(
      '/:name/verify',
      async ({ params, request, set }) => {
        const ask = readQuery(request, NO_QUERY)
        if (!ask.ok) return say(ask.error, set, ids)
        const known = await findLive(parts, params.name, callerOf(request))
        if (!known.ok) return say(known.error, set, ids)
        const { accountId, name } = known.value.domain
        const seen = await domains.verify(name, accountId)
        return seen.ok
          ? ({ success: true, ...withRecords(seen.value) } as const)
          : say(domainFault(seen.error, name), set, ids)
      },
      { ...VERIFY_DOMAIN },
    )
}

/** All that is known is read of one page alone, unless what is known says which are wanted. */
async function pageIn(
  { domains }: Pick<ApiParts, 'domains'>,
  account: AccountId,
  { status, ...ask }: typeof DomainsQuery.static,
): Promise<Result<Page<DomainWithRecords>, Problem>> {
  const listed = await domains.list(account)
  const marks = { limit: 100, ...ask }
  const known = async (some: readonly SendingDomain[]) =>
    (await Promise.all(some.map(({ name }) => domains.find(name, account)))).filter((one) => one !== null)
  if (status !== undefined) {
    const wanted = (await known(listed)).filter((one) => statusOf(one) === status)
    return listPage(wanted, ({ domain }) => domain, marks)
  }
  const page = listPage(listed, (domain) => domain, marks)
  return page.ok ? ok({ ...page.value, data: await known(page.value.data) }) : page
}

const withRecords = (known: DomainWithRecords) => ({
  domain: domainView(known),
  records: recordViews(known),
  checks: (known.care?.findings ?? []).map(findingView),
})

function readChange(
  body: typeof ChangeDomainBody.static,
  name: Domain,
  known?: DomainWithRecords,
): Result<DomainChange, Problem> {
  const { dkim_rotation: dkimRotation, track_clicks, track_opens, tracking_host } = body
  const before = known?.domain.tracking ?? { opens: true, clicks: true }
  const tracking = { opens: track_opens ?? before.opens, clicks: track_clicks ?? before.clicks }
  if (tracking_host === undefined || tracking_host === null) {
    return ok({ tracking, dkimRotation, trackingHost: tracking_host })
  }
  const host = parseDomain(tracking_host)
  // A CNAME stands alone at its name: the return path has an MX there.
  if (host.ok && host.value.endsWith(`.${name}`) && host.value !== returnPathHost(name)) {
    return ok({ tracking, dkimRotation, trackingHost: host.value })
  }
  return fault(invalid('tracking_host', `is no host below ${name}; want one such as "links.${name}"`))
}
