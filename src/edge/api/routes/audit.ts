//
// Owns: GET /v1/audit: what was done in an account, and by whom.

import { Elysia } from 'elysia'
import { LIST_AUDIT } from '../operations/people.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { auditView } from '../people-view.ts'
import { timeIn } from '../query.ts'
import { readQuery } from '../read-query.ts'
import { say } from '../say.ts'
import { AUDIT_PAGE, AuditQuery } from '../schema/people.ts'

export const auditRoutes = (
  { auditLog, ids }: Pick<ApiParts, 'auditLog' | 'ids'>,
  callerOf: (request: Request) => Caller,
) =>
  new Elysia({ prefix: '/v1/audit', name: 'audit', normalize: false }).get(
    '',
    async ({ request, set }) => {
      const read = readQuery(request, AuditQuery)
      if (!read.ok) return say(read.error, set, ids)
      const { action = null, actor = null, after = null, before = null, subject = null } = read.value
      const since = timeIn(read.value.since, 'since')
      if (!since.ok) return say(since.error, set, ids)
      const until = timeIn(read.value.until, 'until')
      if (!until.ok) return say(until.error, set, ids)
      const limit = read.value.limit ?? AUDIT_PAGE.usual
      // One more than asked for tells whether there are more.
      const rows = await auditLog.page({
        account: callerOf(request).key.accountId,
        ...{ action, actor, after, before, subject },
        since: since.value,
        until: until.value,
        limit: limit + 1,
      })
      const hasMore = rows.length > limit
      // Towards the newer ones the surplus is the newest, which stands first.
      const page = hasMore && before !== null ? rows.slice(1) : rows.slice(0, limit)
      return { success: true, data: page.map(auditView), has_more: hasMore } as const
    },
    { ...LIST_AUDIT },
  )
