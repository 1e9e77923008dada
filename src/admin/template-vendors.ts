//
// Owns: reading what other services hand out of templates: the JSON of their APIs, as one template or as a list of them.

import type { TemplateKind } from '../core/template.ts'
import { translate, VENDORS, type Vendor } from '../services/templates/translate.ts'

export interface VendorTemplate {
  readonly name: string
  readonly kind: TemplateKind
  readonly subject: string | null
  readonly html: string | null
  readonly text: string | null
  readonly sample: Readonly<Record<string, unknown>> | null
  /** The name of the layout that it is set into. */
  readonly layout: string | null
}

export const TEMPLATE_VENDORS: readonly Vendor[] = VENDORS
export type TemplateVendor = Vendor

export interface Translated extends Omit<VendorTemplate, 'layout'> {
  /** What did not go over, for people; empty: all of it means what it meant. */
  readonly notes: readonly string[]
}

/** In Liquid, and set into its layout. */
export function translatedTemplate(from: Vendor, one: VendorTemplate): Translated {
  const { layout, name, kind, sample, ...foreign } = one
  const { html, notes, subject, text } = translate(from, foreign)
  const set = (part: string | null): string | null =>
    part === null || layout === null ? part : `{% layout "${nameFrom(layout)}" %}\n${part}`
  return {
    name: nameFrom(name),
    kind,
    sample,
    subject,
    html: set(html),
    text: set(text),
    notes: notes.map(({ line, message, part }) => `${part}, line ${line}: ${message}`),
  }
}

type Json = Readonly<Record<string, unknown>>

/** Empty: there is no template in it. */
export function vendorTemplates(from: TemplateVendor, value: unknown): readonly VendorTemplate[] {
  return entriesIn(value).flatMap((one) => {
    const template = READERS[from](one)
    return template.html === null && template.text === null ? [] : [template]
  })
}

/** A name that may stand here, made of whatever it was called. */
export const nameFrom = (said: string): string =>
  said
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^(?:tpl_|[._-])+|[._-]+$/g, '')
    .slice(0, 64)
    .replace(/[._-]+$/, '')

/** Lists stand under different names. */
const LISTS = ['result', 'results', 'templates', 'Templates', 'items', 'data', 'template'] as const

function entriesIn(value: unknown): readonly Json[] {
  if (Array.isArray(value)) return value.flatMap(entriesIn)
  if (!isJson(value)) return []
  for (const name of LISTS) {
    const inner = value[name]
    if (Array.isArray(inner) || (isJson(inner) && !('html' in value))) return entriesIn(inner)
  }
  return [value]
}

const READERS: Readonly<Record<TemplateVendor, (one: Json) => VendorTemplate>> = {
  sendgrid(one) {
    const versions = Array.isArray(one['versions']) ? one['versions'].filter(isJson) : []
    const version = versions.find((each) => each['active'] === 1) ?? versions[0] ?? one
    return {
      ...COMMON,
      name: textIn(one, 'name') ?? textIn(version, 'name') ?? '',
      subject: textIn(version, 'subject'),
      html: textIn(version, 'html_content'),
      text: version['generate_plain_content'] === true ? null : textIn(version, 'plain_content'),
      sample: sampleIn(textIn(version, 'test_data')),
    }
  },
  mailgun(one) {
    const version = isJson(one['version']) ? one['version'] : one
    const headers = isJson(version['headers']) ? version['headers'] : {}
    return {
      ...COMMON,
      name: textIn(one, 'name') ?? '',
      subject: textIn(headers, 'Subject'),
      html: textIn(version, 'template'),
      text: textIn(version, 'text'),
    }
  },
  postmark: (one) => ({
    ...COMMON,
    name: textIn(one, 'Alias') ?? textIn(one, 'Name') ?? '',
    kind: one['TemplateType'] === 'Layout' ? 'layout' : 'template',
    subject: textIn(one, 'Subject'),
    html: textIn(one, 'HtmlBody'),
    text: textIn(one, 'TextBody'),
    layout: textIn(one, 'LayoutTemplate'),
  }),
  resend: (one) => ({
    ...COMMON,
    name: textIn(one, 'alias') ?? textIn(one, 'name') ?? '',
    subject: textIn(one, 'subject'),
    html: withFallbacks(textIn(one, 'html'), one['variables']),
    text: withFallbacks(textIn(one, 'text'), one['variables']),
  }),
}

const COMMON = { kind: 'template', text: null, sample: null, layout: null } as const

/** Resend keeps fallbacks beside the text. */
function withFallbacks(text: string | null, variables: unknown): string | null {
  if (text === null || !Array.isArray(variables)) return text
  let out = text
  for (const variable of variables.filter(isJson)) {
    const key = textIn(variable, 'key')
    const value = variable['fallback_value']
    if (key === null || (typeof value !== 'string' && typeof value !== 'number')) continue
    out = out.replaceAll(`{{{${key}}}}`, `{{{${key}|${value}}}}`)
  }
  return out
}

function sampleIn(text: string | null): Json | null {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return isJson(value) ? value : null
  } catch {
    return null
  }
}

const textIn = (one: Json, name: string): string | null => {
  const value = one[name]
  return typeof value === 'string' && value !== '' ? value : null
}

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
