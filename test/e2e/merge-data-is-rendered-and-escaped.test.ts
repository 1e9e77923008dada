import { expect, test } from 'bun:test'
import { simpleParser } from 'mailparser'
import { startLab } from '../support/appliance.ts'

const TEMPLATE = {
  subject: 'Hi {{name}}',
  html: '<p>{{name}} owes {{ sum | default: "nothing" }}</p>',
  text: '{{name}} & co',
}

test('merge tags are rendered in subject, html and text; html alone is escaped', async () => {
  await using lab = await startLab()
  const id = await lab.sent({ ...TEMPLATE, data: { name: '<b>Zoë</b> & "Bob"' } })
  const view = await lab.ended(id)
  expect(view.subject).toBe('Hi <b>Zoë</b> & "Bob"')
  const parsed = await simpleParser(lab.mx.messages[0]?.bytes ?? '')
  expect(parsed.subject).toBe('Hi <b>Zoë</b> & "Bob"')
  expect(String(parsed.html)).toContain('&lt;b&gt;Zoë&lt;/b&gt; &amp; &#34;Bob&#34; owes nothing')
  expect(parsed.text?.trim()).toBe('<b>Zoë</b> & "Bob" & co')
})

test('without data literal braces survive', async () => {
  await using lab = await startLab()
  await lab.ended(await lab.sent(TEMPLATE))
  const parsed = await simpleParser(lab.mx.messages[0]?.bytes ?? '')
  expect(parsed.subject).toBe('Hi {{name}}')
  expect(parsed.text?.trim()).toBe('{{name}} & co')
})

test.each([
  [{ html: '<p>{{first_name}}</p>', data: {} }, 'data.first_name', 'missing_variable'],
  [{ text: 'ok', subject: 'Hi {{ user.name }}', data: { user: {} } }, 'data.user.name', 'missing_variable'],
  [{ html: '<p>\n{% if %}</p>', data: {} }, 'html', 'template_error'],
])('%j is a 422 that names %s, and nothing leaves', async (fields, path, code) => {
  await using lab = await startLab()
  const { status, body } = await lab.send(fields)
  expect(status).toBe(422)
  expect(body.error.code).toBe('template_error')
  expect(body.error.fields[0]).toMatchObject({ path, code })
  expect(body.error.fields[0]?.message).toMatch(/line \d+/)
  expect(lab.mx.messages).toEqual([])
})
