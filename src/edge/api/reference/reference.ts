//
// Owns: the reference as html: each operation of the OpenAPI document with its fields, answers and errors, an example to
// copy, and a form to try it. Pure.

import { isJson, type Json } from '../openapi/plain.ts'
import { json } from './colours.ts'
import { Fields } from './fields.ts'
import { inline, sentences } from './markdown.ts'

export interface ReferencePart {
  readonly name: string
  readonly place: string
  readonly operations: readonly {
    readonly place: string
    readonly method: string
    readonly summary: string
  }[]
}

export interface Reference {
  readonly html: string
  /** For the contents beside it. */
  readonly parts: readonly ReferencePart[]
}

interface Shown {
  readonly method: string
  readonly path: string
  readonly said: Json
}

export function reference(document: Json): Reference {
  const fields = new Fields((document['components'] as Json)['schemas'] as Json)
  const [{ url }] = document['servers'] as readonly [{ readonly url: string }]
  const all: Shown[] = Object.entries(document['paths'] as Record<string, Json>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, said]) => ({ method, path, said: said as Json })),
  )
  const parts: ReferencePart[] = []
  const html: string[] = []
  for (const { name, description } of document['tags'] as readonly { name: string; description?: string }[]) {
    const of = all
      .filter(({ said }) => (said['tags'] as readonly string[])[0] === name)
      .toSorted((one, other) => Number(FIRST.test(other.path)) - Number(FIRST.test(one.path)))
    parts.push({
      name,
      place: `part-${name.toLowerCase()}`,
      operations: of.map(({ method, said }) => ({
        place: placeOf(said),
        method,
        summary: String(said['summary']),
      })),
    })
    html.push(`<section class="part"><h2 id="part-${name.toLowerCase()}">${escaped(name)}</h2>`)
    if (description !== undefined) html.push(`<p class="about">${inline(description)}</p>`)
    for (const one of of) html.push(operation(one, fields, url))
    if (name === 'Webhooks') html.push(events(document, fields))
    html.push('</section>')
  }
  return { html: html.join('\n'), parts }
}

/** What most people look for. */
const FIRST = /\/send$/

const placeOf = (said: Json): string => String(said['operationId'])

function operation({ method, path, said }: Shown, fields: Fields, server: string): string {
  const description = said['description']
  return `<article class="operation" id="${placeOf(said)}">
<div class="words"><h3>${escaped(said['summary'])}<a class="place" href="#${placeOf(said)}" aria-label="Link to ${escaped(said['summary'])}">#</a></h3>
<p class="line"><span class="method ${method}">${method.toUpperCase()}</span> <code>${shownPath(path)}</code></p>
${typeof description === 'string' ? sentences(description) : ''}
${parameters(said, fields)}${requestBody(said, fields)}${answers(said, fields)}</div>
<div class="codes">${request({ method, path, said }, fields, server)}${answer(said, fields)}${form({ method, path, said }, fields)}</div>
</article>`
}

/** Breaks where it may. */
const shownPath = (path: string): string =>
  escaped(path)
    .replaceAll('/', '<wbr>/')
    .replace(/\{\w+\}/g, '<var>$&</var>')

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly description?: string
  readonly schema: Json
}
const parametersOf = (said: Json): readonly Parameter[] => (said['parameters'] ?? []) as readonly Parameter[]

function parameters(said: Json, fields: Fields): string {
  return (['path', 'query', 'header'] as const)
    .map((place) => {
      const of = parametersOf(said).filter((one) => one.in === place)
      if (of.length === 0) return ''
      const rows = of.map(
        ({ description, name, required, schema }) =>
          `<li><div class="field"><code class="name">${escaped(name)}</code> <span class="type">${fields.type(schema)}</span>${
            required ? ' <span class="must">required</span>' : ''
          }${schema['default'] === undefined ? '' : ` <span class="type">usually ${escaped(schema['default'])}</span>`}</div>${
            description === undefined ? '' : `<div class="said">${inline(description)}</div>`
          }</li>`,
      )
      return `<h4>${TITLES[place]}</h4><ul class="fields">${rows.join('')}</ul>`
    })
    .join('')
}
const TITLES = { path: 'In the path', query: 'In the query', header: 'Header fields' } as const

const contentOf = (said: unknown): Json => (isJson(said) && isJson(said['content']) ? said['content'] : {})

function requestBody(said: Json, fields: Fields): string {
  const shown = Object.entries(contentOf(said['requestBody'])).map(([type, media]) => {
    const list = isJson(media) && isJson(media['schema']) ? fields.list(media['schema']) : ''
    return `<h4>Body${type === 'application/json' ? '' : ` as <code>${escaped(type)}</code>`}</h4>${list === '' ? '<p>As it is.</p>' : list}`
  })
  return shown.join('')
}

function answers(said: Json, fields: Fields): string {
  const good: string[] = []
  const bad: string[] = []
  for (const [status, answered] of Object.entries(said['responses'] as Record<string, Json>)) {
    const examples = contentOf(answered)['application/json']
    const codes = isJson(examples) && isJson(examples['examples']) ? Object.keys(examples['examples']) : null
    if (codes !== null) {
      const links = codes.map((code) => `<a href="/docs/errors#${code}"><code>${code}</code></a>`)
      bad.push(`<li><span class="status">${status}</span> ${links.join(' ')}</li>`)
      continue
    }
    const [[type, media] = ['', null]] = Object.entries(contentOf(answered))
    const list = isJson(media) && isJson(media['schema']) ? fields.list(media['schema']) : ''
    good.push(
      `<li><span class="status ok">${status}</span> ${inline(String(answered['description']))}${
        type === '' || type === 'application/json' ? '' : ` <code>${escaped(type)}</code>`
      }${list === '' ? '' : `<details><summary>Fields of the answer</summary>${list}</details>`}</li>`,
    )
  }
  return `<h4>Answers</h4><ul class="answers">${good.join('')}</ul><h4>Errors</h4><ul class="answers errors">${bad.join('')}</ul>`
}

/** As it is sent: JSON where that is taken, else the text that the operation wants. */
function exampleOf(said: Json): { readonly type: string; readonly text: string } | null {
  const content = contentOf(said['requestBody'])
  const json = 'application/json'
  for (const [type, media] of [[json, content[json]] as const, ...Object.entries(content)]) {
    const example = isJson(media) ? media['example'] : undefined
    if (type === json && example !== undefined) return { type, text: JSON.stringify(example, null, 2) }
    if (typeof example === 'string') return { type, text: example }
  }
  return null
}

function request({ method, path, said }: Shown, fields: Fields, server: string): string {
  const example = exampleOf(said)
  const at = path.replace(/\{(\w+)\}/g, (all, name: string) => {
    const parameter = parametersOf(said).find((one) => one.in === 'path' && one.name === name)
    const sample = parameter === undefined ? null : fields.sample(parameter.schema)
    return typeof sample === 'string' && sample !== '…' ? sample : all
  })
  const lines = [`curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}${server}${at}`]
  if (!Array.isArray(said['security'])) lines.push(`-H 'Authorization: Bearer mwk_live_…'`)
  if (example !== null) {
    lines.push(
      `-H 'Content-Type: ${example.type}'`,
      // -d takes line ends out.
      `${example.type === 'application/json' ? '-d' : '--data-binary'} '${example.text.replaceAll("'", "'\\''")}'`,
    )
  }
  return `<figure><figcaption>Request</figcaption><pre tabindex="0"><code>${escaped(lines.join(' \\\n  '))}</code></pre></figure>`
}

function answer(said: Json, fields: Fields): string {
  const [first] = Object.entries(said['responses'] as Record<string, Json>).filter(([status]) =>
    /^2/.test(status),
  )
  const media = first === undefined ? null : contentOf(first[1])['application/json']
  if (first === undefined || !isJson(media)) return ''
  const example = media['example'] ?? fields.sample(media['schema'] as Json)
  return `<figure><figcaption>Answer <span class="status ok">${first[0]}</span></figcaption>${json(example)}</figure>`
}

/** Sent by browser.js. Streams never end: they are not for a form. */
function form({ method, path, said }: Shown, fields: Fields): string {
  if (path.endsWith('/stream')) return ''
  const id = placeOf(said)
  const inputs = parametersOf(said).map(({ in: place, name, required, schema }) => {
    const sample = place === 'path' ? fields.sample(schema) : ''
    const hint = typeof sample === 'string' && sample !== '…' ? ` placeholder="${escaped(sample)}"` : ''
    return `<label for="${id}-${place}-${name}">${escaped(name)}</label><input id="${id}-${place}-${name}" data-in="${place}" name="${escaped(name)}"${hint}${required ? ' required' : ''} autocomplete="off" spellcheck="false">`
  })
  const example = exampleOf(said)
  const rows = Math.min(18, (example?.text.split('\n').length ?? 0) + 1)
  const body =
    example === null
      ? ''
      : `<label for="${id}-body">Body</label><textarea id="${id}-body" data-in="body" data-type="${escaped(example.type)}" rows="${rows}" spellcheck="false">${escaped(example.text)}</textarea>`
  return `<details class="try"><summary>Try it</summary><form data-method="${method.toUpperCase()}" data-path="${escaped(path)}"${
    Array.isArray(said['security']) ? ' data-open' : ''
  }>${inputs.join('')}${body}<button>Send the request</button><output aria-live="polite"></output></form></details>`
}

function events(document: Json, fields: Fields): string {
  const rows = Object.entries(document['webhooks'] as Record<string, Json>).map(([type, item]) => {
    const said = item['post'] as Json
    const media = contentOf(said['requestBody'])['application/json'] as Json
    const schema = media['schema'] as Json
    return `<details class="event" id="event-${type}"><summary><code>${escaped(type)}</code></summary><div class="halves"><div>${fields.list(schema)}</div>${json(fields.sample(schema))}</div></details>`
  })
  return `<article class="events"><h3 id="bodies-of-events">Bodies of events</h3><p>What is posted for each event, signed as <a href="/docs/webhooks">the page on webhooks</a> says.</p>${rows.join('')}</article>`
}

const escaped = (value: unknown): string => Bun.escapeHTML(String(value))
