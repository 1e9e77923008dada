//
// What is kept as a template is sent by its name with data: layouts and MJML included, in its published version alone,
// and to its own account alone.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { AUTHORIZED, type Lab, startLab } from '../support/appliance.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

interface Told {
  readonly status: number
  readonly body: {
    readonly message_id: string
    readonly data: readonly { readonly name: string; readonly version: number }[]
    readonly has_more: boolean
    readonly remarks: readonly string[]
    readonly template: {
      readonly id: string
      readonly newest_version: number
      readonly published_version: number | null
    }
    readonly preview: {
      readonly subject: string
      readonly html: string
      readonly text: string
      readonly warnings: readonly { readonly code: string }[]
    }
    readonly variables: readonly { readonly name: string; readonly required: boolean }[]
    readonly error: {
      readonly code: string
      readonly message: string
      readonly fields: readonly { readonly path: string; readonly code: string; readonly message: string }[]
    }
  }
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: object = AUTHORIZED,
): Promise<Told> {
  const answer = await lab.fetch(path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Told['body'] }
}

const add = (body: object) => ask('POST', '/v1/templates', body)
const change = (name: string, body: object) => ask('PATCH', `/v1/templates/${name}`, body)

/** The bytes of the next letter. */
async function letterOf(fields: object): Promise<string> {
  const before = lab.mx.messages.length
  const sent = await ask('POST', '/v1/email/send', {
    from: 'shop@example.com',
    to: 'rcpt@example.net',
    track_opens: false,
    ...fields,
  })
  expect(sent).toMatchObject({ status: 200 })
  await lab.ended(sent.body.message_id)
  return lab.mx.messages[before]?.bytes.toString('latin1') ?? ''
}

const refused = async (fields: object) => {
  const { status, body } = await ask('POST', '/v1/email/send', {
    from: 'shop@example.com',
    to: 'rcpt@example.net',
    ...fields,
  })
  return { status, code: body.error.code, field: body.error.fields[0], message: body.error.message }
}

describe('a template', () => {
  test('is made, published and sent by its name and by its id', async () => {
    const made = await add({
      name: 'welcome',
      subject: 'Welcome, {{ name }}',
      html: '<style>.a{color:red}</style><p class="a">Hello {{ name }}</p>',
      sample: { name: 'Sam' },
      publish: true,
    })
    expect(made).toMatchObject({
      status: 200,
      body: {
        success: true,
        template: { name: 'welcome', kind: 'template', newest_version: 1, published_version: 1, version: 1 },
      },
    })
    for (const template_id of ['welcome', made.body.template.id]) {
      const letter = await letterOf({ template_id, data: { name: 'Ann & Bob' } })
      expect(letter).toContain('Subject: Welcome, Ann & Bob')
      expect(letter).toContain('<p class="a" style="color: red;">Hello Ann &amp; Bob</p>')
      expect(letter).toContain('\r\nHello Ann & Bob\r\n')
    }
    expect(await letterOf({ template_id: 'welcome', subject: 'Mine', data: { name: 'x' } })).toContain(
      'Subject: Mine',
    )
  })

  test('is sent as it is published: a later draft changes nothing, going back is publishing', async () => {
    await add({ name: 'draft', subject: 's', html: '<p>first</p>' })
    expect(await refused({ template_id: 'draft' })).toMatchObject({
      status: 422,
      code: 'validation_failed',
      field: { path: 'template_id', code: 'unknown_template' },
    })
    await ask('POST', '/v1/templates/draft/publish', {})
    await change('draft', { html: '<p>second</p>' })
    expect(await letterOf({ template_id: 'draft' })).toContain('first')
    await ask('POST', '/v1/templates/draft/publish', {})
    expect(await letterOf({ template_id: 'draft' })).toContain('second')
    await ask('POST', '/v1/templates/draft/publish', { version: 1 })
    expect(await letterOf({ template_id: 'draft' })).toContain('first')
    expect((await ask('POST', '/v1/templates/draft/publish', { version: 9 })).status).toBe(404)
  })

  test('makes a new version of a new source alone', async () => {
    await add({ name: 'same', subject: 's', text: 'a' })
    expect((await change('same', { text: 'a' })).body.template.newest_version).toBe(1)
    expect((await change('same', { text: 'b' })).body.template.newest_version).toBe(2)
    const versions = await ask('GET', '/v1/templates/same/versions?limit=1')
    expect(versions.body).toMatchObject({ data: [{ version: 2, published: false }], has_more: true })
    expect((await ask('GET', '/v1/templates/same/versions?after=2')).body).toMatchObject({
      data: [{ version: 1 }],
      has_more: false,
    })
    expect((await ask('GET', '/v1/templates/same?version=1')).body.template).toMatchObject({
      version: 1,
      text: 'a',
    })
  })

  test('that misses a variable is refused by the name of it, and nothing is sent', async () => {
    const said = await refused({ template_id: 'welcome', data: { nam: 'x' } })
    expect(said).toMatchObject({
      status: 422,
      code: 'template_error',
      field: { path: 'data.name', code: 'missing_variable' },
    })
    expect(said.message).toContain('template "welcome", subject:')
    expect(await refused({ template_id: 'nothing' })).toMatchObject({
      status: 422,
      field: { path: 'template_id' },
    })
    expect(await refused({ template_id: 'welcome', html: 'x' })).toMatchObject({
      field: { code: 'conflict' },
    })
  })

  test('without a subject of its own wants one from the send', async () => {
    await add({ name: 'bare', html: '<p>x</p>', publish: true })
    expect(await refused({ template_id: 'bare' })).toMatchObject({
      field: { path: 'subject', code: 'required' },
    })
    expect(await letterOf({ template_id: 'bare', subject: 'given' })).toContain('Subject: given')
  })

  test('is shown with its sample, with warnings, and with what it needs', async () => {
    await add({
      name: 'shown',
      subject: 'For {{ name }}',
      html: '<img src="http://a.example/x.png"><p>{{ name }} {{ plan | default: "free" }}</p>',
      sample: { name: 'Sam' },
    })
    const { body } = await ask('POST', '/v1/templates/shown/preview', {})
    expect(body.preview).toMatchObject({ subject: 'For Sam', text: 'Sam free' })
    expect(body.preview.warnings.map(({ code }) => code)).toEqual([
      'text_from_html',
      'image_without_alt',
      'insecure_image',
    ])
    const given = await ask('POST', '/v1/templates/shown/preview', { data: { name: '<b>' } })
    expect(given.body.preview.html).toContain('&lt;b&gt; free')
    const missing = await ask('POST', '/v1/templates/shown/preview', { data: {} })
    expect(missing).toMatchObject({ status: 422, body: { error: { fields: [{ path: 'data.name' }] } } })
    expect((await ask('GET', '/v1/templates/shown/variables')).body).toMatchObject({
      variables: [
        { name: 'name', required: true, in_sample: true },
        { name: 'plan', required: false, in_sample: false },
      ],
    })
  })
})

describe('layouts and partials', () => {
  beforeAll(async () => {
    await add({
      name: 'base',
      kind: 'layout',
      mjml: '<mjml><mj-body>{% block content %}{% endblock %}</mj-body></mjml>',
      publish: true,
    })
    await add({
      name: 'foot',
      kind: 'partial',
      mjml: '<mj-section><mj-column><mj-text>by {{ company }}</mj-text></mj-column></mj-section>',
      publish: true,
    })
    await add({
      name: 'set-in',
      subject: 's',
      mjml: '{% layout "base" %}<mj-section><mj-column><mj-text>Hello {{ name }}</mj-text></mj-column></mj-section>',
      publish: true,
    })
  })

  test('are written in when a template is saved, MJML and all', async () => {
    const letter = await letterOf({ template_id: 'set-in', data: { name: 'Ann' } })
    expect(letter).toContain('Hello Ann')
    expect(letter).toContain('role="presentation"')
    expect(letter).not.toContain('<mj-')
    expect(letter).not.toContain('fonts.googleapis')
  })

  test('that are published change every published template that takes them in', async () => {
    const mjml = '<mjml><mj-body>{% block content %}{% endblock %}{% render "foot" %}</mj-body></mjml>'
    await change('base', { mjml })
    expect(await letterOf({ template_id: 'set-in', data: { name: 'Ann' } })).not.toContain('by ')
    await ask('POST', '/v1/templates/base/publish', {})
    const letter = await letterOf({ template_id: 'set-in', data: { name: 'Ann', company: 'ACME' } })
    expect(letter).toContain('by ACME')
  })

  test('that would spoil a published template are not published, and it is named', async () => {
    await change('base', {
      mjml: '<mjml><mj-body>{% block content %}{% endblock %}{% block content %}x</mj-body></mjml>',
    })
    const spoiling = await change('base', { mjml: null, html: '{% block content %}{% endblock %}' })
    expect(spoiling.status).toBe(200)
    const published = await ask('POST', '/v1/templates/base/publish', {})
    expect(published).toMatchObject({ status: 422, body: { error: { code: 'template_error' } } })
    expect(published.body.error.message).toContain('would break the template "set-in"')
    expect(await letterOf({ template_id: 'set-in', data: { name: 'Ann', company: 'ACME' } })).toContain(
      'by ACME',
    )
  })

  test('are neither sent nor removed while somebody needs them', async () => {
    expect(await refused({ template_id: 'base' })).toMatchObject({ field: { code: 'unknown_template' } })
    const removed = await ask('DELETE', '/v1/templates/foot')
    expect(removed).toMatchObject({ status: 409, body: { error: { code: 'template_in_use' } } })
    expect(removed.body.error.message).toContain('set-in')
    expect(await change('foot', { name: 'footer' })).toMatchObject({ status: 409 })
  })

  test('go in no circle, and have to be there', async () => {
    expect(await add({ name: 'lost', html: '{% render "nowhere" %}' })).toMatchObject({
      status: 422,
      body: { error: { code: 'template_error' } },
    })
    await add({ name: 'ring', kind: 'partial', html: 'x', publish: true })
    const circle = await change('ring', { html: '{% render "ring" %}' })
    expect(circle.body.error.message).toContain('ring → ring')
  })
})

describe('what is asked wrongly', () => {
  test.each([
    [{ name: 'Upper', html: 'x' }, 422, 'validation_failed', 'name'],
    [{ name: 'tpl_x', html: 'x' }, 422, 'validation_failed', 'name'],
    [{ name: 'a..b', html: 'x' }, 422, 'validation_failed', 'name'],
    [{ name: 'n' }, 422, 'validation_failed', 'html'],
    [{ name: 'n', html: 'x', mjml: '<mjml></mjml>' }, 422, 'validation_failed', 'mjml'],
    [{ name: 'n', html: '{{ name' }, 422, 'template_error', 'html'],
    [{ name: 'n', subject: '{% if %}', html: 'x' }, 422, 'template_error', 'subject'],
    [{ name: 'n', mjml: 'no' }, 422, 'template_error', 'mjml'],
    [{ name: 'n', htm: 'x' }, 422, 'validation_failed', 'htm'],
  ])('%j', async (body, status, code, path) => {
    const answer = await add(body)
    expect(answer).toMatchObject({ status, body: { error: { code } } })
    expect(answer.body.error.fields[0]?.path).toBe(path)
  })

  test('what is too large is named', async () => {
    const large = await add({ name: 'n', html: 'x'.repeat(1_000_001) })
    expect(large).toMatchObject({
      status: 422,
      body: { error: { fields: [{ path: 'html', code: 'too_large' }] } },
    })
    const sample = await add({ name: 'n', html: 'x', sample: { a: 'x'.repeat(70_000) } })
    expect(sample).toMatchObject({ status: 422, body: { error: { fields: [{ path: 'sample' }] } } })
  })

  test('a name is taken once', async () => {
    await add({ name: 'once', text: 'x' })
    expect(await add({ name: 'once', text: 'y' })).toMatchObject({
      status: 409,
      body: { error: { code: 'name_taken' } },
    })
  })

  test('one of a megabyte is kept', async () => {
    expect(await add({ name: 'large', html: 'x'.repeat(1_000_000) })).toMatchObject({ status: 200 })
    expect((await ask('DELETE', '/v1/templates/large')).status).toBe(200)
    expect((await ask('GET', '/v1/templates/large')).status).toBe(404)
  })

  test('many at once that want the same name: one gets it', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => add({ name: 'race', text: 'x' })))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(all.filter(({ status }) => status === 409 || status === 503)).toHaveLength(3)
  })
})

test('lists go page by page in both directions', async () => {
  const first = await ask('GET', '/v1/templates?limit=2')
  expect(first.body.has_more).toBe(true)
  expect(first.body.data).toHaveLength(2)
  const ids = first.body.data.map((one) => (one as unknown as { id: string }).id)
  const second = await ask('GET', `/v1/templates?limit=2&after=${ids[1]}`)
  const mark = (second.body.data[0] as unknown as { id: string }).id
  expect((await ask('GET', `/v1/templates?limit=2&before=${mark}`)).body.data).toEqual(first.body.data)
  expect((await ask('GET', '/v1/templates?limit=200&kind=layout')).body.data.map(({ name }) => name)).toEqual(
    ['base'],
  )
  expect((await ask('GET', '/v1/templates?after=x')).status).toBe(422)
})
