//
// Which variables a send has to give, and where they stand; and what a person should know of a finished page.

import { describe, expect, test } from 'bun:test'
import type { TemplateSource } from '../../../src/core/template.ts'
import { MergeTemplates } from '../../../src/mail/templates/merge.ts'
import { variablesOf } from '../../../src/mail/templates/variables.ts'
import { warningsOf } from '../../../src/mail/templates/warnings.ts'

const source = (parts: Partial<TemplateSource>): TemplateSource => ({
  subject: null,
  html: null,
  mjml: null,
  text: null,
  inlineCss: true,
  sample: null,
  ...parts,
})
const NONE = { pieces: new Map<string, TemplateSource>(), uses: [] }
const requiredOf = (html: string) =>
  Object.fromEntries(variablesOf('it', source({ html }), NONE).map(({ name, required }) => [name, required]))

describe('variables', () => {
  test.each([
    ['{{ name }} {{ order.total | round: 2 }}', { name: true, 'order.total': true }],
    ['{{ name | default: "x" }} {{ a | upcase | default: "x" }}', { name: false, a: false }],
    [
      '{% if vip %}{{ vip.level }}{% else %}{{ other }}{% endif %}{{ other }}',
      { vip: false, 'vip.level': false, other: true },
    ],
    ['{% unless gone %}{{ name }}{% endunless %}', { gone: false, name: true }],
    ['{% for item in items %}{{ item.n }}{{ forloop.index }}{% endfor %}{{ items[0].x }}', { items: true }],
    ['{% assign a = b %}{{ a }}{% capture c %}{{ d }}{% endcapture %}{{ c }}', { b: true, d: true }],
    ['{% comment %}{{ no }}{% endcomment %}{% raw %}{{ nor }}{% endraw %}text', {}],
    ['{{ "text" }}{{ 1 }}{{ true }}', {}],
  ])('%s', (html, wanted) => expect(requiredOf(html)).toEqual(wanted))

  test('what is called not required can be left out, and nothing else', () => {
    const html =
      '{{ a }}{{ b | default: "-" }}{% if c %}{{ c }}{% endif %}{% for d in ds %}{{ d }}{% endfor %}'
    const all = { a: 1, b: 2, c: 3, ds: [4] }
    const merges = new MergeTemplates()
    for (const { name, required } of variablesOf('it', source({ html }), NONE)) {
      const data = Object.fromEntries(Object.entries(all).filter(([key]) => key !== name))
      expect(merges.renderMerge({ subject: '', html, text: null }, data).ok).toBe(!required)
    }
  })

  test('their places are those of the source, also in partials, whose own names are no variables', () => {
    const pieces = new Map([['row', source({ html: 'x\n {{ item.n }} {{ shop }}' })]])
    const found = variablesOf(
      'it',
      source({ subject: '{{ name }}', mjml: 'é\n\n{{ name }}{% render "row" for rows as item %}' }),
      { pieces, uses: ['row'] },
    )
    expect(found).toEqual([
      {
        name: 'name',
        required: true,
        places: [
          { piece: 'it', part: 'subject', line: 1, column: 4 },
          { piece: 'it', part: 'mjml', line: 3, column: 4 },
        ],
      },
      { name: 'rows', required: true, places: [{ piece: 'it', part: 'mjml', line: 3, column: 31 }] },
      { name: 'shop', required: true, places: [{ piece: 'row', part: 'html', line: 2, column: 18 }] },
    ])
  })
})

describe('warnings', () => {
  const codesOf = (html: string | null, text: string | null = 'x', subject = 'S') =>
    warningsOf({ subject, html, text }, { hasSubject: true }).map(({ code }): string => code)

  test.each([
    ['<p>fine</p><img alt src="https://a.example/x.png"><a href="https://a.example">a</a>', []],
    ['<a href="#x">a</a><a href="mailto:a@b">b</a><a name="x">c</a><a href="">d</a>', []],
    ['<img src=https://a.example/x>', ['image_without_alt']],
    ['<IMG ALT="" SRC="http://a.example/x">', ['insecure_image']],
    ['<img alt="" src="data:image/png;base64,AA">', ['embedded_image']],
    ['<a href="/order">x</a><a href="order.html">y</a>', ['relative_link']],
    ['<script>1</script><form></form><link rel="stylesheet" href="x">', ['script', 'form', 'external_style']],
    ['<!-- <script> --><p>', []],
    ['x'.repeat(102 * 1024), []],
    ['x'.repeat(102 * 1024 + 1), ['clipped']],
  ])('%#', (html, codes) => expect(codesOf(html)).toEqual(codes))

  test('of subject and text', () => {
    expect(codesOf('<p>', null, ' ')).toEqual(['missing_subject', 'text_from_html'])
    expect(codesOf(null, 'x', 'x'.repeat(151))).toEqual(['long_subject'])
  })

  test('a page that was made to be slow is not', () => {
    const before = performance.now()
    for (const piece of ['<!--', '<a ', '<img src', '<', '<a href = ']) codesOf(piece.repeat(200_000))
    expect(performance.now() - before).toBeLessThan(3000)
  })
})
