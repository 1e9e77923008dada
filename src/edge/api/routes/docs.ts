//
// Owns: the pages for users, as this very version has them: /docs, /docs/webhooks and so on; /docs/errors is where `docs`
// in an error leads to, with a place per code.

import { Elysia } from 'elysia'
import accounts from '../../../../docs/accounts.md' with { type: 'text' }
import addresses from '../../../../docs/addresses.md' with { type: 'text' }
import api from '../../../../docs/api.md' with { type: 'text' }
import backup from '../../../../docs/backup.md' with { type: 'text' }
import bounces from '../../../../docs/bounces.md' with { type: 'text' }
import certificates from '../../../../docs/certificates.md' with { type: 'text' }
import delivery from '../../../../docs/delivery.md' with { type: 'text' }
import dns from '../../../../docs/dns.md' with { type: 'text' }
import dnsPanels from '../../../../docs/dns-panels.md' with { type: 'text' }
import doctor from '../../../../docs/doctor.md' with { type: 'text' }
import domains from '../../../../docs/domains.md' with { type: 'text' }
import encryption from '../../../../docs/encryption.md' with { type: 'text' }
import errors from '../../../../docs/errors.md' with { type: 'text' }
import feedback from '../../../../docs/feedback.md' with { type: 'text' }
import firstSend from '../../../../docs/first-send.md' with { type: 'text' }
import frameworks from '../../../../docs/frameworks.md' with { type: 'text' }
import idempotency from '../../../../docs/idempotency.md' with { type: 'text' }
import inbound from '../../../../docs/inbound.md' with { type: 'text' }
import install from '../../../../docs/install.md' with { type: 'text' }
import limits from '../../../../docs/limits.md' with { type: 'text' }
import moving from '../../../../docs/moving.md' with { type: 'text' }
import operating from '../../../../docs/operating.md' with { type: 'text' }
import pagination from '../../../../docs/pagination.md' with { type: 'text' }
import people from '../../../../docs/people.md' with { type: 'text' }
import reliability from '../../../../docs/reliability.md' with { type: 'text' }
import sandbox from '../../../../docs/sandbox.md' with { type: 'text' }
import scheduling from '../../../../docs/scheduling.md' with { type: 'text' }
import security from '../../../../docs/security.md' with { type: 'text' }
import setup from '../../../../docs/setup.md' with { type: 'text' }
import smtp from '../../../../docs/smtp.md' with { type: 'text' }
import standards from '../../../../docs/standards.md' with { type: 'text' }
import statistics from '../../../../docs/statistics.md' with { type: 'text' }
import suppression from '../../../../docs/suppression.md' with { type: 'text' }
import templates from '../../../../docs/templates.md' with { type: 'text' }
import tracking from '../../../../docs/tracking.md' with { type: 'text' }
import troubleshooting from '../../../../docs/troubleshooting.md' with { type: 'text' }
import unsubscribe from '../../../../docs/unsubscribe.md' with { type: 'text' }
import webhooks from '../../../../docs/webhooks.md' with { type: 'text' }
import type { Json } from '../openapi/plain.ts'
import { ASSETS, asPage, framed, served } from '../reference/frame.ts'
import { inline, render, sentences } from '../reference/markdown.ts'
import type { Packed } from '../reference/packed.ts'
import { reference } from '../reference/reference.ts'

const PAGES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pagination,
    limits,
    idempotency,
    frameworks,
    'first-send': firstSend,
    'dns-panels': dnsPanels,
    security,
    troubleshooting,
    accounts,
    addresses,
    api,
    backup,
    bounces,
    certificates,
    delivery,
    dns,
    doctor,
    domains,
    encryption,
    errors,
    feedback,
    inbound,
    install,
    moving,
    operating,
    people,
    reliability,
    sandbox,
    scheduling,
    setup,
    smtp,
    standards,
    statistics,
    suppression,
    templates,
    tracking,
    unsubscribe,
    webhooks,
  }),
)

/** In the order of the menu; what is in none comes last. */
const GROUPS: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['Start', ['first-send', 'frameworks', 'moving', 'api', 'smtp', 'sandbox']],
  ['The API', ['errors', 'idempotency', 'limits', 'pagination', 'accounts', 'people']],
  ['Sending', ['batch', 'templates', 'scheduling', 'tracking', 'unsubscribe', 'suppression']],
  ['What happens', ['webhooks', 'search', 'bounces', 'feedback', 'statistics', 'inbound']],
  ['Domains and delivery', ['dns', 'domains', 'delivery', 'addresses', 'encryption', 'standards']],
  ['Operating', ['install', 'setup', 'operating', 'certificates', 'backup', 'reliability']],
]

/** For people: no part of the document that programs read. */
const HIDDEN = { detail: { hide: true } } as const

export function docsRoutes(document: { made(): { readonly document: Json } }) {
  const made = new Map<string, Packed>()
  // Pages do not change while a node runs.
  const kept =
    (path: string, make: () => string) =>
    ({ request }: { request: Request }) => {
      const page = made.get(path) ?? asPage(make())
      made.set(path, page)
      return page.answer(request)
    }
  const routes = new Elysia({ name: 'docs' }).get('/docs', kept('/docs', contents), HIDDEN).get(
    '/docs/api-reference',
    kept('/docs/api-reference', () => referencePage(document.made().document)),
    HIDDEN,
  )
  for (const [name, text] of PAGES) {
    const path = `/docs/${name}`
    routes.get(
      path,
      kept(path, () => guide(name, text)),
      HIDDEN,
    )
  }
  for (const asset of ASSETS) routes.get(asset.path, () => served(asset), HIDDEN)
  return routes
}

const isPage = (name: string): boolean => PAGES.has(name)

const titleOf = (markdown: string): string => /^# (.+)$/m.exec(markdown)?.[1] ?? ''

/** The first sentence below the title. */
function leadOf(markdown: string): string {
  const [, said = ''] = /^# .+\n+([\s\S]+?)(?:\n\n|$)/.exec(markdown) ?? []
  const text = said
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replace(/[`*]/g, '')
    .replaceAll('\n', ' ')
  return /^.*?[.:](?= |$)/.exec(text)?.[0].replace(/:$/, '.') ?? text
}

/** Each group with the pages that there are. */
function groups(): readonly (readonly [string, readonly string[]])[] {
  const named = GROUPS.map(([title, names]) => [title, names.filter(isPage)] as const)
  const rest = [...PAGES.keys()].filter((name) => !GROUPS.some(([, names]) => names.includes(name)))
  return [...named, ['More', rest] as const].filter(([, names]) => names.length > 0)
}

function menu(here: string): string {
  return groups()
    .map(([title, names]) => {
      const links = names.map((name) => {
        const path = `/docs/${name}`
        const words = inline(titleOf(PAGES.get(name) ?? ''))
        return `<li><a href="${path}"${path === here ? ' aria-current="page"' : ''}>${words}</a></li>`
      })
      return `<h2>${title}</h2><ul>${links.join('')}</ul>`
    })
    .join('')
}

function contents(): string {
  const cards = groups().map(([title, names]) => {
    const items = names.map((name) => {
      const text = PAGES.get(name) ?? ''
      return `<li><a href="/docs/${name}"><b>${inline(titleOf(text))}</b><span>${Bun.escapeHTML(leadOf(text))}</span></a></li>`
    })
    return `<h2>${title}</h2><ul class="cards">${items.join('')}</ul>`
  })
  const body = `<h1>Documentation</h1>
<p class="lead">Send mail from your own server. These pages are of the very version that answers here; <a href="/docs/api-reference">the API reference</a> is made of its routes, and every request can be tried in it.</p>
${cards.join('\n')}`
  return framed({ title: 'Documentation', here: '/docs', menu: menu('/docs'), body })
}

export function guide(name: string, markdown: string): string {
  const here = `/docs/${name}`
  const { headings, html } = render(markdown, isPage)
  const listed = headings.filter(({ level }) => level === 2 || level === 3)
  const places = listed.map(
    ({ level, place, words }) =>
      `<li class="h${level}"><a href="#${place}">${words.replace(/<\/?(?:a|code)\b[^>]*>/g, '')}</a></li>`,
  )
  return framed({
    title: titleOf(markdown),
    here,
    menu: menu(here),
    body: `<article class="guide">${html}</article>`,
    places: listed.length > 2 ? `<ul>${places.join('')}</ul>` : '',
  })
}

function referencePage(document: Json): string {
  const { html, parts } = reference(document)
  const links = parts.map(({ name, operations, place }) => {
    const items = operations.map(
      (one) =>
        `<li><a href="#${one.place}"><span class="method ${one.method}">${SHORT[one.method] ?? one.method.toUpperCase()}</span> ${Bun.escapeHTML(one.summary)}</a></li>`,
    )
    return `<h2><a href="#${place}">${name}</a></h2><ul>${items.join('')}</ul>`
  })
  const { description, version } = document['info'] as {
    readonly description: string
    readonly version: string
  }
  const body = `<h1>API reference</h1><p class="about">Version ${Bun.escapeHTML(version)}</p>${sentences(description)}
<form class="key"><label for="key">API key</label><input id="key" type="password" autocomplete="off" spellcheck="false" placeholder="mwk_test_…"><small>For trying things out on this page: it stays in this field, is sent to this host alone and is forgotten when the page is closed. A test key delivers nothing.</small></form>
${html}`
  return framed({
    title: 'API reference',
    here: '/docs/api-reference',
    menu: links.join(''),
    body,
    isWide: true,
  })
}
const SHORT: Readonly<Record<string, string>> = { delete: 'DEL' }
