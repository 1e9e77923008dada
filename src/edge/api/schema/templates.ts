//
// Owns: the bodies, queries and answers of /v1/templates as schemas. `description` says what was wanted when it fails.

import { t } from 'elysia'
import { NAME_WANTED, TEMPLATE_KINDS } from '../../../core/template.ts'
import { WARNING_CODES } from '../../../mail/templates/warnings.ts'
import { VENDORS } from '../../../services/templates/translate.ts'
import { limitParameter } from '../read-query.ts'
import { done, instant, listOf, nullable, single, whole, words } from './answers.ts'

const strict = { additionalProperties: false } as const

const name = t.String({ minLength: 1, maxLength: 64, description: `a name: ${NAME_WANTED}` })
const kind = words(TEMPLATE_KINDS, `one of ${TEMPLATE_KINDS.join(', ')}`)
const part = (description: string) => t.Optional(nullable(t.String(), { description }))
const sample = t.Optional(
  nullable(t.Record(t.String(), t.Unknown()), { description: 'an object of at most 64 KB, or null' }),
)
const publish = t.Optional(t.Boolean({ description: 'true or false' }))

const parts = {
  subject: part('a text of at most 10,000 characters, or null'),
  html: part('HTML of at most 1 MB, or null'),
  mjml: part('MJML of at most 1 MB, or null'),
  text: part('a text of at most 1 MB, or null'),
  inline_css: t.Optional(t.Boolean({ description: 'true or false' })),
  sample,
}

export const NewTemplateBody = t.Object({ name, kind: t.Optional(kind), ...parts, publish }, strict)

export const ChangeTemplateBody = t.Object({ name: t.Optional(name), ...parts, publish }, strict)

const versionNumber = whole({ minimum: 1, maximum: 1_000_000_000, description: 'the number of a version' })

export const PublishBody = t.Object({ version: t.Optional(versionNumber) }, strict)

export const PreviewBody = t.Object(
  {
    data: t.Optional(
      t.Record(t.String(), t.Unknown(), { description: 'an object with the values of merge tags' }),
    ),
    version: t.Optional(versionNumber),
  },
  strict,
)

export const TranslateBody = t.Object(
  {
    from: words(VENDORS, `one of ${VENDORS.join(', ')}`),
    subject: part('a text, or null'),
    html: part('HTML of at most 1 MB, or null'),
    text: part('a text of at most 1 MB, or null'),
  },
  strict,
)

const PAGE = { usual: 50, most: 200 } as const
const mark = (description: string) => t.Optional(t.String({ maxLength: 40, description }))

export const TemplatesQuery = t.Object(
  {
    limit: limitParameter(PAGE),
    after: mark('the id of a template: those made before it'),
    before: mark('the id of a template: those made after it'),
    kind: t.Optional(kind),
  },
  strict,
)

export const VersionsQuery = t.Object(
  { limit: limitParameter(PAGE), after: t.Optional(versionNumber), before: t.Optional(versionNumber) },
  strict,
)

export const VersionQuery = t.Object({ version: t.Optional(versionNumber) }, strict)

export const TemplatePath = t.Object({
  id: t.String({ description: 'Its id, or its name in the account.', examples: ['welcome'] }),
})

const head = {
  id: t.String({ pattern: '^tpl_[0-9a-z]{12}$' }),
  name: t.String(),
  kind,
  newest_version: whole({ minimum: 1 }),
  published_version: nullable(whole({ minimum: 1 }), {
    description: 'What is sent; null: nothing is published.',
  }),
  created_at: instant(),
  updated_at: instant(),
}

const text = nullable(t.String())
const source = {
  version: whole({ minimum: 1, description: 'Of which the rest is told.' }),
  subject: text,
  html: text,
  mjml: text,
  text,
  inline_css: t.Boolean(),
  sample: nullable(t.Record(t.String(), t.Unknown())),
}

export const Templates = listOf(t.Object(head))
export const TemplateAnswer = single('template', t.Object({ ...head, ...source }))
export const ChangedTemplate = single('template', t.Object({ ...head, ...source }), {
  remarks: t.Array(t.String(), { description: 'What MJML found; it was kept all the same.' }),
})
export const TranslatedTemplate = single('template', t.Object({ subject: text, html: text, text }), {
  notes: t.Array(t.Object({ part: words(['subject', 'html', 'text']), line: whole(), message: t.String() }), {
    description: 'What did not go over; empty: all of it means what it meant.',
  }),
})
export const RemovedTemplate = done({ removed: t.Literal(1) })

export const Versions = listOf(
  t.Object({
    version: whole({ minimum: 1 }),
    published: t.Boolean(),
    digest: t.String({ description: 'SHA-256 of the source; the same source makes no new version.' }),
    created_at: instant(),
  }),
)

export const PreviewAnswer = single(
  'preview',
  t.Object({
    version: whole({ minimum: 1 }),
    subject: t.String(),
    html: text,
    text,
    warnings: t.Array(t.Object({ code: words(WARNING_CODES), message: t.String() })),
  }),
)

export const VariablesAnswer = done({
  version: whole({ minimum: 1 }),
  variables: t.Array(
    t.Object({
      name: t.String(),
      required: t.Boolean({ description: 'Without it a send is refused.' }),
      in_sample: t.Boolean(),
      places: t.Array(
        t.Object({
          template: t.String({ description: 'The template, layout or partial.' }),
          part: words(['subject', 'html', 'mjml', 'text']),
          line: whole(),
          column: whole(),
        }),
      ),
    }),
  ),
})
