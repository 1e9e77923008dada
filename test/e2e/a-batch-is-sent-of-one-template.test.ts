//
// Many messages of one template, each with its data; and who may not: test keys change no templates, other accounts see none.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { templateLab } from '../support/template-lab.ts'
import { until } from '../support/until.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
  await add({
    name: 'row',
    kind: 'partial',
    html: '<p>{{ label }}: {{ code }}</p>',
    publish: true,
  })
  await add({
    name: 'code',
    subject: 'Code {{ code }}',
    html: '<h1>Hi {{ name }}</h1>{% render "row", label: "Code", code: code %}',
    publish: true,
  })
})
afterAll(() => lab[Symbol.asyncDispose]())

const { add, ask } = templateLab(() => lab)

test('five hundred messages of one template, each with data of its own', async () => {
  const messages = Array.from({ length: 500 }, (_, at) => ({
    to: `r${at}@example.net`,
    data: { name: `N${at}`, code: 1000 + at },
  }))
  const sent = await ask('POST', '/v1/email/batch', {
    from: 'shop@example.com',
    template_id: 'code',
    messages,
  })
  expect(sent).toMatchObject({ status: 200, body: { success: true, accepted: 500, refused: 0 } })
  await until('all are there', () => lab.mx.messages.length === 500)
  const letters = lab.mx.messages.map(({ bytes }) => bytes.toString('latin1'))
  for (const at of [0, 137, 499]) {
    const letter = letters.find((one) => one.includes(`\r\nTo: r${at}@example.net`))
    expect(letter).toContain(`Subject: Code ${1000 + at}`)
    expect(letter).toContain(`<h1>Hi N${at}</h1><p>Code: ${1000 + at}</p>`)
  }
})

test('in a batch, a message that misses a variable and one of an unknown template are refused by name', async () => {
  const messages = [
    { to: 'a@example.net', data: { name: 'A', code: 1 } },
    { to: 'b@example.net', data: { name: 'B' } },
    { to: 'c@example.net', template_id: 'gone' },
  ]
  const sent = await ask('POST', '/v1/email/batch', {
    from: 'shop@example.com',
    template_id: 'code',
    messages,
  })
  expect(sent).toMatchObject({ status: 200, body: { accepted: 1, refused: 2 } })
  const [, missing, unknown] = sent.body.data as unknown as readonly {
    readonly error: { readonly code: string }
  }[]
  expect(missing).toMatchObject({ error: { code: 'template_error', fields: [{ path: 'data.code' }] } })
  expect(unknown).toMatchObject({ error: { code: 'validation_failed', fields: [{ path: 'template_id' }] } })
})

test('a test key previews and sends, and changes nothing', async () => {
  const { key } = must(await lab.admin.keyCreate({ account: 'default', name: 't', mode: 'test' }))
  const authorization = { authorization: `Bearer ${key}` }
  const refused = { status: 403, body: { error: { code: 'live_key_required' } } }
  expect(await ask('POST', '/v1/templates', { name: 'x', html: 'x' }, authorization)).toMatchObject(refused)
  expect(await ask('PATCH', '/v1/templates/code', { html: 'x' }, authorization)).toMatchObject(refused)
  expect(await ask('POST', '/v1/templates/code/publish', {}, authorization)).toMatchObject(refused)
  expect(await ask('DELETE', '/v1/templates/code', undefined, authorization)).toMatchObject(refused)
  const data = { name: 'A', code: 1 }
  expect(await ask('POST', '/v1/templates/code/preview', { data }, authorization)).toMatchObject({
    status: 200,
  })
  const letter = { from: 'shop@example.com', to: 'a@example.net', template_id: 'code', data }
  expect(await ask('POST', '/v1/email/send', letter, authorization)).toMatchObject({ status: 200 })
})

test('another account sees and sends none of them, and may use the same names', async () => {
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  const { key } = must(await lab.admin.keyCreate({ account: 'other', name: 'k', mode: 'live' }))
  const authorization = { authorization: `Bearer ${key}` }
  const { body } = await ask('GET', '/v1/templates/code')
  for (const named of ['code', body.template.id]) {
    for (const path of ['', '/versions', '/variables']) {
      expect((await ask('GET', `/v1/templates/${named}${path}`, undefined, authorization)).status).toBe(404)
    }
    expect((await ask('POST', `/v1/templates/${named}/preview`, {}, authorization)).status).toBe(404)
    expect((await ask('POST', `/v1/templates/${named}/publish`, {}, authorization)).status).toBe(404)
    expect((await ask('PATCH', `/v1/templates/${named}`, { html: 'x' }, authorization)).status).toBe(404)
    expect((await ask('DELETE', `/v1/templates/${named}`, undefined, authorization)).status).toBe(404)
  }
  expect((await ask('GET', '/v1/templates', undefined, authorization)).body.data).toEqual([])
  const theirs = await ask(
    'POST',
    '/v1/templates',
    { name: 'theirs', html: '{% render "row" %}' },
    authorization,
  )
  expect(theirs).toMatchObject({ status: 422, body: { error: { code: 'template_error' } } })
  const same = { name: 'code', subject: 's', html: 'theirs', publish: true }
  expect((await ask('POST', '/v1/templates', same, authorization)).status).toBe(200)
  expect((await ask('GET', '/v1/templates/code')).body.template.id).toBe(body.template.id)
})
