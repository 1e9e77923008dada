//
// mailwok template, as a process on a store of its own: a folder of git goes there and back without a changed octet.

import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { commandFolder } from '../support/command-folder.ts'

// Each command is a process of its own, on a machine that runs other suites as well.
setDefaultTimeout(60_000)

const { folder, json, run } = commandFolder('template-', { words: ['template'] })

const FILES = {
  'partials/foot/content.mjml':
    '<mj-section><mj-column><mj-text>© {{ shop }}</mj-text></mj-column></mj-section>\n',
  'partials/foot/content.txt': '© {{ shop }}\r\n',
  'layouts/base/content.mjml':
    '<mjml><mj-body>\n{% block content %}{% endblock %}\n{% render "foot" %}\n</mj-body></mjml>',
  'layouts/base/content.txt': '{% block content %}{% endblock %}\n-- \n{% render "foot" %}',
  'templates/welcome/template.json': '{ "subject": "Grüße, {{ name }}" }',
  'templates/welcome/content.mjml':
    '{% layout "base" %}\n<mj-section><mj-column><mj-text>Hello {{ name }}</mj-text></mj-column></mj-section>\n',
  'templates/welcome/content.txt': '{% layout "base" %}Hello {{ name }}\n',
  'templates/welcome/sample.json': '{"name":"Ann",\n "shop":"ACME"}\n',
  'templates/plain/template.json': '{\n  "subject": "Plain",\n  "inline_css": false\n}\n',
  'templates/plain/content.html': '<style>.a{color:red}</style><p class="a">{{ name }}</p>',
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}
const readAll = (root: string) =>
  Object.fromEntries(
    [...new Bun.Glob('**/*').scanSync({ cwd: root })]
      .sort()
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  )
const here = join(folder, 'mail')

describe('push and pull', () => {
  test('a folder is pushed once, and again changes nothing', async () => {
    write(here, FILES)
    const pushed = await json('push', here)
    expect(pushed.map(({ name, outcome, version }: never) => [name, outcome, version])).toEqual([
      ['foot', 'added', 1],
      ['base', 'added', 1],
      ['plain', 'added', 1],
      ['welcome', 'added', 1],
    ])
    const again = await json('push', here)
    expect(again.map(({ outcome, version }: never) => [outcome, version])).toEqual(
      Array(4).fill(['unchanged', 1]),
    )
    expect(await json('list')).toHaveLength(4)
    write(join(folder, 'more'), { 'templates/new/content.txt': 'x' })
    expect(await json('push', join(folder, 'more'), '--dry-run')).toMatchObject([
      { outcome: 'would be added' },
    ])
    expect(await json('list')).toHaveLength(4)
  })

  test('what is pulled is what was pushed, octet for octet', async () => {
    const before = readAll(here)
    const pulled = await json('pull', here)
    expect(pulled.flatMap(({ files }: { files: string[] }) => files)).toEqual([])
    expect(readAll(here)).toEqual(before)
    const fresh = join(folder, 'fresh')
    await json('pull', fresh)
    const contents = (files: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(files).filter(([path]) => !path.endsWith('.json')))
    expect(contents(readAll(fresh))).toEqual(contents(FILES))
    expect(await json('push', fresh, '--dry-run')).toEqual(
      (await json('push', here, '--dry-run')).map((row: object) => ({ ...row, outcome: 'unchanged' })),
    )
  })

  test('a changed file is told, becomes a version, and stale files go when pulled', async () => {
    write(here, { 'templates/plain/content.html': '<p>{{ name }}</p>' })
    const dry = await json('push', here, '--dry-run')
    expect(dry.find(({ name }: { name: string }) => name === 'plain')).toMatchObject({
      outcome: 'would change',
    })
    expect(await json('push', here, '--draft')).toContainEqual(
      expect.objectContaining({ name: 'plain', outcome: 'changed', version: 2 }),
    )
    expect(await json('list')).toContainEqual(
      expect.objectContaining({ name: 'plain', newest_version: 2, published_version: 1 }),
    )
    expect(await json('publish', 'plain')).toMatchObject({ published_version: 2 })
    rmSync(join(here, 'templates/plain/content.html'))
    write(here, { 'templates/plain/content.txt': 'left over' })
    await json('pull', here, 'plain')
    expect(readAll(here)['templates/plain/content.html']).toBe('<p>{{ name }}</p>')
    expect(readAll(here)['templates/plain/content.txt']).toBeUndefined()
  })

  test('is rendered with its sample and with data', async () => {
    const shown = await json('render', 'welcome')
    expect(shown).toMatchObject({ subject: 'Grüße, Ann', text: 'Hello Ann\n\n-- \n© ACME\r\n' })
    write(folder, { 'data.json': '{"name":"<Bob>","shop":"X"}' })
    const html = await run('render', 'welcome', '--data', join(folder, 'data.json'), '--html')
    expect(html.out).toContain('Hello &lt;Bob&gt;')
    expect((await run('render', 'nothing')).err).toContain('mailwok template list')
  })

  test('what is wrong in a folder is named with its file', async () => {
    const bad = join(folder, 'bad')
    expect((await run('push', bad)).err).toContain('has no folder templates')
    write(bad, { 'templates/Big/content.html': 'x' })
    expect((await run('push', bad)).err).toContain('cannot be the name of a template')
    rmSync(bad, { recursive: true })
    write(bad, { 'templates/a/content.html': '{{ x', 'templates/b/content.html': 'fine' })
    const half = await run('push', bad)
    expect(half.code).toBe(1)
    expect(half.err).toContain('a: html, line 1')
    expect(JSON.parse(half.out)).toMatchObject([{ name: 'b', outcome: 'added' }])
    write(bad, { 'templates/b/conent.html': 'x' })
    expect((await run('push', bad)).err).toContain('conent.html is no file of a template')
  })

  test('is deleted, but for what others need', async () => {
    expect((await run('delete', 'foot')).err).toContain('welcome')
    expect(await json('delete', 'welcome')).toEqual({ name: 'welcome' })
    expect((await run('delete', 'foot')).code).toBe(0)
  })
})

describe('import', () => {
  test('of a folder as Postmark pulls it: layout first, text and html set into it', async () => {
    const place = join(folder, 'postmark')
    write(place, {
      'welcome/meta.json': JSON.stringify({
        Name: 'Welcome',
        Alias: 'pm-welcome',
        Subject: 'Hi {{name}}',
        LayoutTemplate: 'pm-base',
      }),
      'welcome/content.html': '<p>{{#each items}}{{.}} {{/each}}{{{name}}}</p>',
      '_layouts/base/meta.json': JSON.stringify({ Name: 'Base', Alias: 'pm-base', TemplateType: 'Layout' }),
      '_layouts/base/content.html': '<html>{{{@content}}}</html>',
    })
    const rows = await json('import', '--from', 'postmark', place)
    expect(rows.map(({ name, kind, outcome }: never) => [name, kind, outcome])).toEqual([
      ['pm-base', 'layout', 'added'],
      ['pm-welcome', 'template', 'added'],
    ])
    const data = join(folder, 'pm.json')
    writeFileSync(data, '{"name":"N","items":["a","b"]}')
    expect(await json('render', 'pm-welcome', '--data', data)).toMatchObject({
      subject: 'Hi N',
      html: '<html>\n<p>a b N</p></html>',
    })
  })

  test('of JSON of SendGrid, with what did not go over', async () => {
    const file = join(folder, 'sendgrid.json')
    const versions = [
      { active: 0, subject: 'old', html_content: 'old' },
      {
        active: 1,
        subject: 'Hi {{name}}',
        html_content: '<p>{{formatDate d "YY"}}{{name}}</p>',
        test_data: '{"name":"S"}',
      },
    ]
    writeFileSync(file, JSON.stringify({ result: [{ id: 'd-1', name: 'Order Shipped!', versions }] }))
    const [row] = await json('import', '--from', 'sendgrid', file, '--to', join(folder, 'out'))
    expect(row).toMatchObject({ name: 'order-shipped', outcome: 'written' })
    expect(row.notes).toEqual([expect.stringContaining('html, line 1: {{formatDate d "YY"}}')])
    expect(readAll(join(folder, 'out'))['templates/order-shipped/content.html']).toBe(
      '<p>{% raw %}{{formatDate d "YY"}}{% endraw %}{{ name }}</p>',
    )
    expect((await run('import', '--from', 'nobody', file)).err).toContain(
      'sendgrid, mailgun, postmark, resend',
    )
    expect((await run('import', '--from', 'resend', join(folder, 'no.json'))).code).toBe(2)
  })
})
