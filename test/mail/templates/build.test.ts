//
// What an author wrote becomes one Liquid text that says what he meant; what cannot is named with its place.

import { describe, expect, test } from 'bun:test'
import type { TemplateSource } from '../../../src/core/template.ts'
import { buildTemplate } from '../../../src/mail/templates/build.ts'
import type { Pieces } from '../../../src/mail/templates/bundle.ts'
import { MergeTemplates } from '../../../src/mail/templates/merge.ts'

const source = (parts: Partial<TemplateSource>): TemplateSource => ({
  subject: null,
  html: null,
  mjml: null,
  text: null,
  inlineCss: true,
  sample: null,
  ...parts,
})
const piecesOf = (html: Readonly<Record<string, string>>): Pieces =>
  new Map(Object.entries(html).map(([name, text]) => [name, source({ html: text, text })]))

const merges = new MergeTemplates()
const built = async (parts: Partial<TemplateSource>, pieces: Pieces = new Map()) => {
  const made = await buildTemplate({ name: 'it', source: source(parts), pieces })
  if (!made.ok) throw new Error(made.error.message)
  return made.value
}
const merged = async (html: string, pieces: Readonly<Record<string, string>>, data: object = {}) => {
  const { built: parts } = await built({ html }, piecesOf(pieces))
  const done = merges.renderMerge({ ...parts, subject: '' }, data as Record<string, unknown>)
  return done.ok ? done.value.html : done.error.message
}
const faultOf = async (parts: Partial<TemplateSource>, pieces: Pieces = new Map()) => {
  const made = await buildTemplate({ name: 'it', source: source(parts), pieces })
  return made.ok ? null : made.error
}

describe('layouts', () => {
  const base = '<body>{% block title %}T{% endblock %}|{% block content %}none{% endblock %}</body>'

  test.each([
    ['{% layout "base" %}', '<body>T|none</body>'],
    ['{% layout "base" %}Hi', '<body>T|Hi</body>'],
    ["\n {%- layout 'base' -%} Hi ", '<body>T|Hi </body>'],
    ['{% layout "base" %}{% block title %}X {{ block.super }}{% endblock %}Hi', '<body>X T|Hi</body>'],
    ['{% layout "mid" %}{% block inner %}Hi{% endblock %}', '<body>T|<i>Hi</i></body>'],
    ['{% layout "mid" %}', '<body>T|<i>in</i></body>'],
    ['{% layout "mid" %}{% block title %}{{ n }}{% endblock %}', '<body>A|<i>in</i></body>'],
    ['{% layout "given", lang: "de" %}Hi', '<p de>Hi</p>'],
    ['{% layout "given", lang: n %}Hi', '<p A>Hi</p>'],
    [
      '{% comment %}{% render "x" %}{% endcomment %}{% raw %}{% render "x" %}{% endraw %}',
      '{% render "x" %}',
    ],
  ])('%s', async (html, wanted) => {
    const mid = '{% layout "base" %}{% block content %}<i>{% block inner %}in{% endblock %}</i>{% endblock %}'
    const given = '<p {{ lang }}>{% block content %}{% endblock %}</p>'
    expect(await merged(html, { base, mid, given }, { n: 'A' })).toBe(wanted)
  })
})

describe('partials', () => {
  const pieces = {
    row: '<b>{{ item.name }}</b>',
    all: '[{{ name }}{{ x }}]',
    sum: '{% assign x = 5 %}{{ x }}',
    loop: '{{ forloop.index }}{{ item }}',
    nested: '({% render "row", item: item %})',
    text: '{{ a }}{{ b | upcase }}',
  }
  const data = {
    name: 'N',
    x: 'data',
    items: [{ name: 'a' }, { name: '<c>' }],
    one: { name: 'o' },
    list: [7, 8],
  }

  test.each([
    ['{% render "row", item: one %}', '<b>o</b>'],
    ['{% render "row" with one as item %}', '<b>o</b>'],
    ['{% render "row" for items as item %}', '<b>a</b><b>&lt;c&gt;</b>'],
    ['{% for i in items %}{% render "row", item: i %}{% endfor %}', '<b>a</b><b>&lt;c&gt;</b>'],
    ['{% render "nested", item: one %}', '(<b>o</b>)'],
    ['{% render "loop" for list as item %}', '1728'],
    // What is assigned around it is not seen; what is sent is.
    ['{% assign x = "here" %}{% render "all" %}', '[Ndata]'],
    ['{% assign x = "here" %}{% include "all" %}', '[Nhere]'],
    ['{% assign x = 1 %}{% render "sum" %}{{ x }}', '51'],
    ['{% render "all", x: 1, name: "<&>" %}', '[&lt;&amp;&gt;1]'],
    ['{% render "text", a: "x", b: "y" %}', 'xY'],
    ['{% render "all", x: one.name %}', '[No]'],
  ])('%s', async (html, wanted) => {
    expect(await merged(html, pieces, data)).toBe(wanted)
  })

  test('that are given texts and paths alone leave a plain template', async () => {
    const { built: parts, uses } = await built(
      { html: '{% render "all", x: one.name, name: "a&b" %}{% render "row", item: one %}' },
      piecesOf(pieces),
    )
    expect(parts.html).toBe('[a&amp;b{{ one.name }}]<b>{{ one.name }}</b>')
    expect(uses).toEqual(['all', 'row'])
  })

  test('in the text are those of the text, which is not escaped', async () => {
    const { built: parts } = await built({ text: '{% render "all", x: "<", name: n %}' }, piecesOf(pieces))
    expect(parts.text).toBe('[{{ n }}<]')
  })
})

describe('what cannot be built is named with its place', () => {
  const loop = piecesOf({ a: '{% render "b" %}', b: '\n{% render "a" %}', fine: 'x', open: '{% block c %}' })
  const deep = piecesOf(
    Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`p${at}`, `{% render "p${at + 1}" %}`])),
  )
  const wide = piecesOf({ ten: 'x'.repeat(100_000), hundred: '{% render "ten" %}'.repeat(10) })

  test.each([
    ['{% render "gone" %}', 1, 'no published layout or partial "gone"'],
    ['\n  {% render name %}', 2, 'in quotes'],
    ['{% render "a" %}', 2, 'a → b → a'],
    ['{% render "p0" %}', 1, 'deeper than 10'],
    ['{% render "hundred" %}{% render "hundred" %}{% render "hundred" %}', 1, 'more than 2000000 characters'],
    ['x{% layout "fine" %}', 1, 'before everything else'],
    ['{% layout "open" %}', 1, 'no endblock'],
    ['{% layout "fine" %}{% block a %}{% endblock %}{% block a %}{% endblock %}', 1, 'twice'],
    ['{% layout "fine" %}text{% block content %}{% endblock %}', 1, 'is the block "content"'],
    ['{% endblock %}', 1, 'tag "endblock" not found'],
    ['{% liquid render "a" %}', 1, 'in tags of their own'],
    ['<p>\n{{ a | shout }}', 2, 'undefined filter: shout'],
    ['{% if a %}', 1, 'not closed'],
    ['{{ a', 1, 'not closed'],
  ])('%s', async (html, line, message) => {
    const fault = await faultOf({ html }, new Map([...loop, ...deep, ...wide]))
    expect(fault?.message).toContain(message)
    expect(fault?.line).toBe(line)
  })

  test('what is nested beyond measure', async () => {
    const html = `${'{% if a %}'.repeat(50_000)}${'{% endif %}'.repeat(50_000)}`
    expect((await faultOf({ html }))?.message).toBe('is nested too deeply')
  })

  test.each(['{% isolated %}{% endisolated %}', '{% within a: 1 %}{% endwithin %}', '{% render "fine" %}'])(
    'a subject with %s',
    async (subject) => expect(await faultOf({ subject, html: 'x' }, loop)).toMatchObject({ part: 'subject' }),
  )

  test('a block that stands in a thousand places does not become a gigabyte', async () => {
    const many = piecesOf({ many: '{% block content %}{% endblock %}'.repeat(1000) })
    const fault = await faultOf({ html: `{% layout "many" %}${'x'.repeat(100_000)}` }, many)
    expect(fault?.message).toContain('more than 2000000 characters')
  })
})

describe('CSS', () => {
  test('goes into elements, around Liquid wherever it stands', async () => {
    const { built: parts } = await built({
      html: '<style>.a{color:{{ c }}}@media print{.a{color:blue}}</style><table>{% for r in rows %}<tr class="a" {% if r.b %}bgcolor="{{ r.b }}"{% endif %}><td>{{ r.n | default: "a>b" }}&nbsp;é</td></tr>{% endfor %}</table>',
    })
    expect(parts.html).toContain('<table>{% for r in rows %}<tr class="a"')
    expect(parts.html).toContain('style="color: {{ c }};"')
    expect(parts.html).toContain('@media print')
    expect(parts.html).toContain('{{ r.n | default: "a>b" }}&nbsp;é')
    expect(parts.html).toContain('{% if r.b %}bgcolor="{{ r.b }}" {% endif %}')
  })

  test('of a page as services hand them out: nothing that matters is lost', async () => {
    const { built: parts } = await built({
      html: `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html><head><style>
/* Base */ @import url("https://fonts.example/css?family=A:400;700"); @font-face { font-family: X; src: url(https://x.example/x.woff2) }
a:hover { color: red } a { color: #3869D4; } .hidden { display: none !important; mso-hide: all }
@media (prefers-color-scheme: dark) { body { background: #333 !important } }
</style><!--[if mso]><style>.f { font-family: Arial }</style><![endif]--></head>
<body><span class="hidden">Of {{ date }}</span><!-- {{ never }} --><a href="{{ url }}?a=1&amp;b={{ id }}">&copy; “Shop”</a></body></html>`,
    })
    const html = parts.html ?? ''
    for (const kept of [
      '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"',
      '@import url("https://fonts.example/css?family=A:400;700");',
      '@font-face',
      'a:hover',
      '@media (prefers-color-scheme: dark)',
      'background: #333 !important',
      '<!--[if mso]><style>.f { font-family: Arial }</style><![endif]-->',
      'style="mso-hide: all; display: none !important;">Of {{ date }}',
      '<!-- {{ never }} -->',
      '<a href="{{ url }}?a=1&amp;b={{ id }}" style="color: #3869D4;">&copy; “Shop”</a>',
    ]) {
      expect(html).toContain(kept)
    }
  })

  test('stays where it is when that was asked for, or when there is none', async () => {
    const html = '<style>.a{color:red}</style><p class=a>x'
    expect((await built({ html, inlineCss: false })).built.html).toBe(html)
    expect((await built({ html: '<P Class=a>x' })).built.html).toBe('<P Class=a>x')
  })
})

describe('MJML', () => {
  const page = (inside: string) => `<mjml><mj-body>${inside}</mj-body></mjml>`
  const text = (inside: string) =>
    `<mj-section><mj-column><mj-text>${inside}</mj-text></mj-column></mj-section>`

  test('becomes HTML, and tags between components stay around them', async () => {
    const { built: parts } = await built({
      mjml: page(`{% for item in items %}${text('{{ item }}')}{% endfor %}`),
    })
    const done = merges.renderMerge({ ...parts, subject: '' }, { items: ['one', '<two>'] })
    const html = done.ok ? (done.value.html ?? '') : ''
    expect(html.indexOf('one')).toBeGreaterThan(0)
    expect(html.indexOf('&lt;two&gt;')).toBeGreaterThan(html.indexOf('one'))
    expect(html).not.toContain('<mj-')
    expect(html).not.toContain('qxliquid')
  })

  test('takes values of attributes from the data without complaint, and tells what it does not know', async () => {
    const { built: parts, remarks } = await built({
      mjml: page(`<mj-section background-color="{{ c }}"><mj-column><mj-nonsense/></mj-column></mj-section>`),
    })
    expect(parts.html).toContain('background-color:{{ c }}')
    expect(remarks).toEqual([expect.stringContaining('mj-nonsense')])
    expect(remarks[0]).not.toContain('/')
  })

  test('reads no files', async () => {
    expect(await faultOf({ mjml: page('<mj-include path="/etc/passwd" type="html" />') })).toMatchObject({
      message: expect.stringContaining('reads files'),
    })
  })

  test('goes into MJML alone', async () => {
    const pieces = new Map([['m', source({ mjml: text('x') })]])
    expect((await faultOf({ html: '{% render "m" %}' }, pieces))?.message).toContain('goes into MJML alone')
    expect((await built({ mjml: page('{% render "m" %}') }, pieces)).built.html).toContain('>x</div>')
  })
})
