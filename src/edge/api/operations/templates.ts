//
// Owns: what the routes of /v1/templates say of themselves.

import { operation } from '../operation.ts'
import {
  ChangedTemplate,
  PreviewAnswer,
  RemovedTemplate,
  TemplateAnswer,
  TemplatePath,
  Templates,
  TemplatesQuery,
  TranslatedTemplate,
  VariablesAnswer,
  VersionQuery,
  Versions,
  VersionsQuery,
} from '../schema/templates.ts'

const of = { params: TemplatePath } as const

export const LIST_TEMPLATES = operation({
  summary: 'List templates',
  description: 'Templates, layouts and partials of the account, the newest first.',
  query: TemplatesQuery,
  answers: { 200: { description: 'A page of templates.', schema: Templates } },
})
export const ADD_TEMPLATE = operation({
  summary: 'Add a template',
  description:
    'Keeps a template, a layout or a partial as version 1. `publish` makes that version the one that is sent. ' +
    'What cannot be built is refused, with the place of the fault.',
  bodyExample: {
    name: 'welcome',
    subject: 'Welcome, {{ name }}',
    html: '<h1>Hello {{ name }}</h1>\n<p>Your plan is {{ plan | default: "free" }}.</p>',
    sample: { name: 'Ann' },
    publish: true,
  },
  problems: ['name_taken', 'template_error', 'live_key_required'],
  answers: { 200: { description: 'The template as it is kept.', schema: ChangedTemplate } },
})
export const GET_TEMPLATE = operation({
  summary: 'Get a template',
  description: 'With the source of its newest version, or of the one that is asked for.',
  ...of,
  query: VersionQuery,
  problems: ['not_found'],
  answers: { 200: { description: 'The template.', schema: TemplateAnswer } },
})
export const CHANGE_TEMPLATE = operation({
  summary: 'Change a template',
  description:
    'What is not named stays as it is; null takes a part away. A changed source is a new version, which is sent once ' +
    'it is published; the same source makes none.',
  ...of,
  bodyExample: { subject: 'Welcome to the shop, {{ name }}', publish: true },
  problems: ['not_found', 'name_taken', 'template_in_use', 'template_error', 'live_key_required'],
  answers: { 200: { description: 'The template as it is now.', schema: ChangedTemplate } },
})
export const REMOVE_TEMPLATE = operation({
  summary: 'Remove a template',
  description: 'With all its versions. Mail that was accepted is sent as it was accepted.',
  ...of,
  problems: ['not_found', 'template_in_use', 'live_key_required'],
  answers: {
    200: { description: 'It is gone.', schema: RemovedTemplate, example: { success: true, removed: 1 } },
  },
})
export const LIST_VERSIONS = operation({
  summary: 'List the versions of a template',
  description: 'The newest first. The last 100 are kept, and the published one.',
  ...of,
  query: VersionsQuery,
  problems: ['not_found'],
  answers: { 200: { description: 'A page of versions.', schema: Versions } },
})
export const PUBLISH_TEMPLATE = operation({
  summary: 'Publish a version of a template',
  description:
    'The newest, or the one that is named: an older one takes the template back to it. A layout or partial is published ' +
    'for all published templates that take it in, or refused when one of them could not be built any more.',
  ...of,
  bodyExample: { version: 1 },
  problems: ['not_found', 'template_error', 'live_key_required'],
  answers: { 200: { description: 'The template as it is now.', schema: ChangedTemplate } },
})
export const PREVIEW_TEMPLATE = operation({
  summary: 'Preview a template',
  description:
    'As a recipient would get it, with the data that is given or else its sample, and with what a person should know ' +
    'before it is sent. Nothing is sent.',
  ...of,
  bodyExample: { data: { name: 'Bob', plan: 'pro' } },
  problems: ['not_found', 'template_error'],
  answers: { 200: { description: 'Subject, html, text and warnings.', schema: PreviewAnswer } },
})
export const TRANSLATE_TEMPLATE = operation({
  summary: 'Translate a template of another service',
  description:
    'Puts Handlebars (SendGrid, Mailgun), Mustachio (Postmark) or variables of Resend into Liquid. Nothing is kept; what ' +
    'did not go over is noted, and stands in the text as it was.',
  bodyExample: { from: 'sendgrid', subject: 'Hello {{name}}', html: '<p>{{#if vip}}VIP{{/if}} {{name}}</p>' },
  answers: { 200: { description: 'The template in Liquid.', schema: TranslatedTemplate } },
})
export const LIST_VARIABLES = operation({
  summary: 'List the variables of a template',
  description: 'Which a send has to give, which it may give, and where they stand.',
  ...of,
  query: VersionQuery,
  problems: ['not_found', 'template_error'],
  answers: { 200: { description: 'The variables by name.', schema: VariablesAnswer } },
})
