//
// Owns: templates as the operator sees and changes them, for any account.

import type { AccountId } from '../core/ids.ts'
import { fault, ok, type Result } from '../core/result.ts'
import type { Template } from '../core/template.ts'
import { templateProblem } from '../edge/api/template-problems.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import type { TemplateDesk } from '../services/templates/desk.ts'
import type { PreviewFault } from '../services/templates/preview.ts'
import { sourceView, templateView } from '../services/templates/view.ts'
import type { StoredTemplateVersion } from '../store/template-store.ts'
import type { AdminFault } from './admin.ts'
import { accountNamed } from './directory.ts'
import { notFound } from './faults.ts'
import type {
  TemplateActions,
  TemplateAsk,
  TemplatePut,
  TemplatePutAsk,
  TemplateRow,
} from './template-rows.ts'

export interface TemplateAdminParts {
  readonly accounts: Accounts
  readonly templateDesk: TemplateDesk
}

const PAGE = 200

export function templateActions(parts: TemplateAdminParts): TemplateActions {
  const { previews, templates } = parts.templateDesk
  return {
    templateList: ({ account }) => list(parts, account),
    async templateShow({ version, ...ask }) {
      const found = await versionOf(parts, ask, version)
      if (!found.ok) return found
      const { template, version: one } = found.value
      return ok({ ...row(template), version: one.number, ...sourceView(one) })
    },
    templatePut: (ask) => put(parts, ask),
    async templatePublish({ version, ...ask }) {
      const found = await find(parts, ask)
      if (!found.ok) return found
      const done = await templates.publish(found.value.accountId, found.value.id, version)
      return done.ok ? ok(row(done.value.template)) : fault(said(done.error))
    },
    async templateRemove(ask) {
      const found = await find(parts, ask)
      if (!found.ok) return found
      const removed = await templates.remove(found.value.accountId, found.value.id)
      return removed.ok ? ok({ name: found.value.name }) : fault(said(removed.error))
    },
    async templateRender({ data, version, ...ask }) {
      const found = await versionOf(parts, ask, version)
      if (!found.ok) return found
      const { template, version: one } = found.value
      const shown = await previews.show(template, one, data)
      return shown.ok ? ok({ version: one.number, ...shown.value }) : fault(said(shown.error))
    },
  }
}

async function list(
  { accounts, templateDesk }: TemplateAdminParts,
  name: string,
): Promise<Result<readonly TemplateRow[], AdminFault>> {
  const account = await accountNamed(accounts, name)
  if (!account.ok) return account
  const rows: Template[] = []
  for (;;) {
    const page: readonly Template[] = await templateDesk.shelf.list({
      account: account.value.id,
      kind: null,
      limit: PAGE,
      after: rows[rows.length - 1]?.id ?? null,
      before: null,
    })
    rows.push(...page)
    if (page.length < PAGE) return ok(rows.map(row))
  }
}

async function put(parts: TemplateAdminParts, ask: TemplatePutAsk): Promise<Result<TemplatePut, AdminFault>> {
  const { templates } = parts.templateDesk
  const account = await accountNamed(parts.accounts, ask.account)
  if (!account.ok) return account
  const { name, kind, publish, subject, html, mjml, text, sample } = ask
  const draft = { subject, html, mjml, text, sample, inlineCss: ask.inline_css, publish }
  const known = await parts.templateDesk.shelf.find(account.value.id, name)
  if (known && known.kind !== kind) {
    const message = `${name} is a ${known.kind} already; delete it, or choose another name for the ${kind}`
    return fault({ code: 'invalid_kind', message })
  }
  const done = known
    ? await templates.change(known.accountId, known.id, draft)
    : await templates.add(account.value.id, { ...draft, name, kind })
  if (!done.ok) return fault(said(done.error))
  const { remarks, template } = done.value
  return ok({ ...row(template), outcome: outcomeOf(known, template), remarks })
}

function outcomeOf(before: Template | null, after: Template): TemplatePut['outcome'] {
  if (before === null) return 'added'
  if (before.newest !== after.newest) return 'changed'
  return before.published === after.published ? 'unchanged' : 'published'
}

async function find(
  { accounts, templateDesk }: TemplateAdminParts,
  ask: TemplateAsk,
): Promise<Result<Template, AdminFault>> {
  const account = await accountNamed(accounts, ask.account)
  if (!account.ok) return account
  const accountId: AccountId = account.value.id
  const template = await templateDesk.shelf.find(accountId, ask.name)
  return template ? ok(template) : fault(notFound(`template ${ask.name}`, 'mailwok template list'))
}

async function versionOf(
  parts: TemplateAdminParts,
  ask: TemplateAsk,
  number: number | null,
): Promise<Result<{ readonly template: Template; readonly version: StoredTemplateVersion }, AdminFault>> {
  const found = await find(parts, ask)
  if (!found.ok) return found
  const template = found.value
  const version = await parts.templateDesk.shelf.version(
    template.accountId,
    template.id,
    number ?? template.newest,
  )
  return version
    ? ok({ template, version })
    : fault(notFound(`version ${number} of ${template.name}`, `mailwok template show ${template.name}`))
}

const row = (template: Template): TemplateRow => {
  const { id, name, kind, newest_version, published_version, updated_at } = templateView(template)
  return { id, name, kind, newest_version, published_version, updated_at }
}

const said = (error: PreviewFault): AdminFault => {
  const { code, message } = templateProblem(error)
  return { code, message }
}
