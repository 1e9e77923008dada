//
// What is kept as a template is sent by its name with data, in its published version alone.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Lab, startLab } from '../support/appliance.ts'
import { templateLab } from '../support/template-lab.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const { add, ask, change, letterOf, refused } = templateLab(() => lab)

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
  await add({ name: 'base', kind: 'layout', html: 'x' })
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
