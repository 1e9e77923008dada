//
// Owns: /v1/templates: what is kept to be sent again and again, its versions, and how it looks.

import { Elysia } from 'elysia'
import { fault, ok, type Result } from '../../../core/result.ts'
import { parseTemplateId, type Template } from '../../../core/template.ts'
import { EMPTY_SOURCE, sourceFaults } from '../../../services/templates/source.ts'
import type { Changed } from '../../../services/templates/templates.ts'
import { translate } from '../../../services/templates/translate.ts'
import { sourceView, templateView, variableView, versionView } from '../../../services/templates/view.ts'
import type { StoredTemplateVersion } from '../../../store/template-store.ts'
import {
  ADD_TEMPLATE,
  CHANGE_TEMPLATE,
  GET_TEMPLATE,
  LIST_TEMPLATES,
  LIST_VARIABLES,
  LIST_VERSIONS,
  PREVIEW_TEMPLATE,
  PUBLISH_TEMPLATE,
  REMOVE_TEMPLATE,
  TRANSLATE_TEMPLATE,
} from '../operations/templates.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { noSuch, type Problem } from '../problem.ts'
import { invalid } from '../query.ts'
import { readQuery } from '../read-query.ts'
import { say } from '../say.ts'
import {
  ChangeTemplateBody,
  NewTemplateBody,
  PreviewBody,
  PublishBody,
  TemplatesQuery,
  TranslateBody,
  VersionQuery,
  VersionsQuery,
} from '../schema/templates.ts'
import { templateProblem } from '../template-problems.ts'

type Parts = Pick<ApiParts, 'templateDesk' | 'ids'>
type CallerOf = (request: Request) => Caller

export function templateRoutes(parts: Parts, callerOf: CallerOf) {
  return new Elysia({ prefix: '/v1/templates', name: 'templates', normalize: false })
    .use(shelfRoutes(parts, callerOf))
    .use(versionRoutes(parts, callerOf))
    .use(lookRoutes(parts, callerOf))
    .use(translateRoute(parts))
}

function shelfRoutes(parts: Parts, callerOf: CallerOf) {
  const { shelf, templates } = parts.templateDesk
  return new Elysia({ name: 'template-shelf', normalize: false })
    .get(
      '',
      async ({ request, set }) => {
        const ask = readList(request)
        if (!ask.ok) return say(ask.error, set, parts.ids)
        const { limit, ...rest } = ask.value
        // One more than asked for tells whether there are more.
        const account = callerOf(request).key.accountId
        const rows = await shelf.list({ ...rest, account, limit: limit + 1 })
        const backwards = rest.before !== null && rest.after === null
        const page = backwards ? rows.slice(-limit) : rows.slice(0, limit)
        return { success: true, data: page.map(templateView), has_more: rows.length > limit } as const
      },
      { ...LIST_TEMPLATES },
    )
    .post(
      '',
      async ({ body, request, set }) => {
        const { key } = callerOf(request)
        if (key.mode === 'test') return say(LIVE_ONLY, set, parts.ids)
        const { kind = 'template', publish = false, inline_css, ...draft } = body
        const made = await templates.add(key.accountId, { ...draft, kind, publish, inlineCss: inline_css })
        return made.ok ? changedView(made.value) : say(templateProblem(made.error), set, parts.ids)
      },
      { body: NewTemplateBody, ...ADD_TEMPLATE },
    )
    .patch(
      '/:id',
      async ({ body, params, request, set }) => {
        const found = await find(parts, params.id, callerOf(request))
        if (!found.ok) return say(found.error, set, parts.ids)
        if (callerOf(request).key.mode === 'test') return say(LIVE_ONLY, set, parts.ids)
        const { accountId, id } = found.value
        const { publish = false, inline_css, ...draft } = body
        const changed = await templates.change(accountId, id, { ...draft, publish, inlineCss: inline_css })
        return changed.ok ? changedView(changed.value) : say(templateProblem(changed.error), set, parts.ids)
      },
      { body: ChangeTemplateBody, ...CHANGE_TEMPLATE },
    )
    .delete(
      '/:id',
      async ({ params, request, set }) => {
        const found = await find(parts, params.id, callerOf(request))
        if (!found.ok) return say(found.error, set, parts.ids)
        if (callerOf(request).key.mode === 'test') return say(LIVE_ONLY, set, parts.ids)
        const removed = await templates.remove(found.value.accountId, found.value.id)
        if (!removed.ok) return say(templateProblem(removed.error), set, parts.ids)
        return { success: true, removed: 1 } as const
      },
      { ...REMOVE_TEMPLATE },
    )
}

function versionRoutes(parts: Parts, callerOf: CallerOf) {
  const { shelf, templates } = parts.templateDesk
  return new Elysia({ name: 'template-versions', normalize: false })
    .get(
      '/:id',
      async ({ params, request, set }) => {
        const query = readQuery(request, VersionQuery)
        if (!query.ok) return say(query.error, set, parts.ids)
        const found = await version(parts, params.id, callerOf(request), query.value.version)
        if (!found.ok) return say(found.error, set, parts.ids)
        return { success: true, template: wholeView(found.value) } as const
      },
      { ...GET_TEMPLATE },
    )
    .get(
      '/:id/versions',
      async ({ params, request, set }) => {
        const query = readQuery(request, VersionsQuery)
        if (!query.ok) return say(query.error, set, parts.ids)
        const found = await find(parts, params.id, callerOf(request))
        if (!found.ok) return say(found.error, set, parts.ids)
        const { accountId: account, id: template } = found.value
        const { after = null, before = null, limit = 50 } = query.value
        const rows = await shelf.versions({ account, template, limit: limit + 1, after, before })
        const page = before === null ? rows.slice(0, limit) : rows.slice(-limit)
        const data = page.map((one) => versionView(one, found.value))
        return { success: true, data, has_more: rows.length > limit } as const
      },
      { ...LIST_VERSIONS },
    )
    .post(
      '/:id/publish',
      async ({ body, params, request, set }) => {
        const found = await find(parts, params.id, callerOf(request))
        if (!found.ok) return say(found.error, set, parts.ids)
        if (callerOf(request).key.mode === 'test') return say(LIVE_ONLY, set, parts.ids)
        const { accountId, id } = found.value
        const done = await templates.publish(accountId, id, body.version ?? null)
        return done.ok ? changedView(done.value) : say(templateProblem(done.error), set, parts.ids)
      },
      { body: PublishBody, ...PUBLISH_TEMPLATE },
    )
}

/** Asks for no template: nothing is looked up or kept. */
function translateRoute(parts: Parts) {
  return new Elysia({ name: 'template-translation', normalize: false }).post(
    '/translate',
    ({ body, set }) => {
      const { from, subject = null, html = null, text = null } = body
      const source = { ...EMPTY_SOURCE, subject, html, text }
      const faults = sourceFaults(source)
      if (faults.length > 0) return say(templateProblem({ kind: 'draft', faults }), set, parts.ids)
      const { notes, ...template } = translate(from, { subject, html, text })
      return { success: true, template, notes } as const
    },
    { body: TranslateBody, ...TRANSLATE_TEMPLATE },
  )
}

/** What changes nothing, and test keys may do as well. */
function lookRoutes(parts: Parts, callerOf: CallerOf) {
  const { previews } = parts.templateDesk
  return new Elysia({ name: 'template-looks', normalize: false })
    .post(
      '/:id/preview',
      async ({ body, params, request, set }) => {
        const found = await version(parts, params.id, callerOf(request), body.version)
        if (!found.ok) return say(found.error, set, parts.ids)
        const shown = await previews.show(found.value.template, found.value.version, body.data ?? null)
        if (!shown.ok) return say(templateProblem(shown.error), set, parts.ids)
        return { success: true, preview: { version: found.value.version.number, ...shown.value } } as const
      },
      { body: PreviewBody, ...PREVIEW_TEMPLATE },
    )
    .get(
      '/:id/variables',
      async ({ params, request, set }) => {
        const query = readQuery(request, VersionQuery)
        if (!query.ok) return say(query.error, set, parts.ids)
        const found = await version(parts, params.id, callerOf(request), query.value.version)
        if (!found.ok) return say(found.error, set, parts.ids)
        const { template, version: one } = found.value
        const used = await previews.variables(template, one)
        if (!used.ok) return say(templateProblem(used.error), set, parts.ids)
        const variables = used.value.map((each) => variableView(each, one.source.sample))
        return { success: true, version: one.number, variables } as const
      },
      { ...LIST_VARIABLES },
    )
}

type Whole = Pick<Changed, 'template' | 'version'>

const wholeView = ({ template, version: one }: Whole) => ({
  ...templateView(template),
  version: one.number,
  ...sourceView(one),
})

const changedView = (changed: Changed) =>
  ({ success: true, template: wholeView(changed), remarks: changed.remarks }) as const

async function find(
  { templateDesk }: Parts,
  named: string | undefined | null,
  { key }: Caller,
): Promise<Result<Template, Problem>> {
  const template = await templateDesk.shelf.find(key.accountId, named ?? '')
  return template === null ? fault(noSuch('template', named ?? '')) : ok(template)
}

async function version(
  parts: Parts,
  named: string | undefined | null,
  caller: Caller,
  number: number | undefined,
): Promise<Result<Whole, Problem>> {
  const found = await find(parts, named, caller)
  if (!found.ok) return found
  const { accountId, id, newest } = found.value
  const one: StoredTemplateVersion | null = await parts.templateDesk.shelf.version(
    accountId,
    id,
    number ?? newest,
  )
  return one === null
    ? fault(templateProblem('no-such-version'))
    : ok({ template: found.value, version: one })
}

function readList(request: Request) {
  const query = readQuery(request, TemplatesQuery)
  if (!query.ok) return query
  const { after, before, kind, limit = 50 } = query.value
  for (const [name, said] of Object.entries({ after, before })) {
    if (said !== undefined && parseTemplateId(said) === null) {
      return fault(invalid(name, 'is no id of a template'))
    }
  }
  return ok({
    limit,
    kind: kind ?? null,
    after: parseTemplateId(after ?? ''),
    before: parseTemplateId(before ?? ''),
  })
}

const LIVE_ONLY: Problem = {
  code: 'live_key_required',
  message: 'A test key changes no templates: live mail is made of them. It may send and preview them.',
}
