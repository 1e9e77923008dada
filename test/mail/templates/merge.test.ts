import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Liquid } from 'liquidjs'
import { MergeTemplates } from '../../../src/mail/templates/merge.ts'
import { compilePlain, renderPlain } from '../../../src/mail/templates/plain-template.ts'

const templates = new MergeTemplates()
const html = (source: string, data: Record<string, unknown>) => {
  const merged = templates.renderMerge({ subject: '', html: source, text: null }, data)
  return merged.ok ? merged.value.html : merged.error
}

describe('merging', () => {
  test('fills subject, html and text, and escapes html alone', () => {
    const parts = { subject: 'Hi {{ name }}', html: '<p>{{name}}</p>', text: '{{ name }}!' }
    expect(templates.renderMerge(parts, { name: `<"O'Neil" & Co>` })).toEqual({
      ok: true,
      value: {
        subject: `Hi <"O'Neil" & Co>`,
        html: '<p>&lt;&#34;O&#39;Neil&#34; &amp; Co&gt;</p>',
        text: `<"O'Neil" & Co>!`,
      },
    })
  })

  test('absent parts stay absent', () => {
    expect(templates.renderMerge({ subject: 'a', html: null, text: null }, {})).toEqual({
      ok: true,
      value: { subject: 'a', html: null, text: null },
    })
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['{{ a | default: "b" }}', {}, 'b'],
    ['{{ a.b.c | default: "b" }}', {}, 'b'],
    ['{% if a %}x{% else %}y{% endif %}', {}, 'y'],
    ['{% for i in items %}{{ i.n }},{% endfor %}', { items: [{ n: 1 }, { n: '<' }] }, '1,&lt;,'],
    ['{{ a | upcase }}', { a: 'b<' }, 'B&lt;'],
    ['{{ a | raw }}', { a: '<b>' }, '<b>'],
    ['{{ a | escape }}', { a: '<b>&' }, '&lt;b&gt;&amp;'],
    ['{{ a | escape_once }}', { a: '<b>&amp;' }, '&lt;b&gt;&amp;'],
    ['{{ a | xml_escape }}', { a: '<' }, '&lt;'],
    ['{{ a | escape | append: "<" }}', { a: 'x' }, 'x&lt;'],
    ['{{ a | newline_to_br }}', { a: 'one\n<two>\r\nthree' }, 'one<br />\n&lt;two&gt;<br />\nthree'],
    ['{{ a | escape | newline_to_br }}', { a: '<\n' }, '&lt;<br />\n'],
    ['{{ a | newline_to_br | upcase }}', { a: '<' }, '&amp;LT;'],
    ['{{ a }}', { a: null }, ''],
    ['{{ a }}', { a: [1, '<', 2] }, '1&lt;2'],
    ['{{ items.size }} {{ items.first }}', { items: ['a', 'b'] }, '2 a'],
    ['{{ 0 | date: "%H:%M" }}', {}, '00:00'],
    ['{% raw %}{{ a }}{% endraw %}', {}, '{{ a }}'],
    ['no tags } }} {', {}, 'no tags } }} {'],
    ['{{ a }}', { a: 1.5 }, '1.5'],
    ['{{ a }}', { a: true }, 'true'],
  ])('%s with %j', (source, data, want) => {
    expect(html(source, data)).toBe(want)
  })

  test.each<[string, string, number, number]>([
    ['{{ name }}', 'name', 1, 4],
    ['<p>\n  {{ order.id }}', 'order.id', 2, 6],
    ['{{ order.lines }}\n{{ order.id | upcase }}', 'order.lines', 1, 4],
    ['{% for i in list %}{% endfor %}', 'list', 1, 13],
    ['{{ toString }}', 'toString', 1, 4],
    ['{{ constructor.name }}', 'constructor', 1, 4],
    ['{{ order.__proto__ }}', 'order.__proto__', 1, 4],
    ['{{ order.constructor }}', 'order.constructor', 1, 4],
    ['{{ order["a\nb"] }}', 'order.a\nb', 1, 4],
  ])('%s names the variable without value', (source, variable, line, column) => {
    const got = html(source, { order: {} })
    if (typeof got !== 'object' || got === null) throw new Error('a fault was expected')
    expect(got).toMatchObject({ part: 'html', variable, line, column })
    expect(got.message).toContain(`data.${variable.replace('\n', ' ')}`)
    expect(got.message).not.toContain('\n')
  })

  test.each<[string, number, RegExp]>([
    ['a\n{{ x', 2, /not closed/],
    ['{% if x %}', 1, /not closed/],
    ['{{ "a" | nofilter }}', 1, /undefined filter: nofilter/],
    ['{% nosuchtag %}', 1, /nosuchtag/],
    ['{% include "/etc/passwd" %}', 1, /include/],
    ['{% render "x" %}', 1, /render/],
    ['{% layout "x" %}', 1, /layout/],
    ['{% block x %}{% endblock %}', 1, /block/],
    ['{{ }}', 1, /invalid value/],
    ['{{ a}b }}', 1, /expected/],
  ])('%s says line and reason', (source, line, reason) => {
    const got = html(source, { x: 1, a: 1 })
    if (typeof got !== 'object' || got === null) throw new Error('a fault was expected')
    expect(got).toMatchObject({ part: 'html', line })
    expect(got.message).toMatch(reason)
    expect(got.message).toMatch(/^[ -~]+$/)
    expect(got.message).not.toContain('/etc')
  })

  test.each([
    ['{% for i in (1..100000000) %}x{% endfor %}'],
    [`{% for i in (1..9999) %}${'x'.repeat(1000)}{% endfor %}`],
    [
      '{% for i in (1..9999) %}{% for j in (1..9999) %}{% for k in (1..9999) %}{% endfor %}{% endfor %}{% endfor %}',
    ],
    ['{% assign a = "xxxxxxxxxx" %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}'],
  ])('%# ends at a limit', (source) => {
    const got = html(source, {})
    if (typeof got !== 'object' || got === null) throw new Error('a fault was expected')
    expect(got.message).toContain('limit')
  })

  test('many templates do not gather', () => {
    const own = new MergeTemplates()
    for (let i = 0; i < 1000; i++) {
      const merged = own.renderMerge({ subject: `${i} {{ a }}`, html: null, text: null }, { a: i })
      expect(merged).toMatchObject({ ok: true, value: { subject: `${i} ${i}` } })
    }
  })
})

describe('the shortcut for plain variables', () => {
  const liquid = new Liquid({
    outputEscape: 'escape',
    strictVariables: true,
    ownPropertyOnly: true,
    lenientIf: true,
  })
  const names = fc.constantFrom(
    ...'a b a.b a.c.d order nothing android notes trueish size first last nil true empty a-b a.0 _x A1'.split(
      ' ',
    ),
  )
  const space = fc.constantFrom('', ' ', '  ', '\n', '\t')
  const hole = fc.tuple(space, names, space).map(([before, name, after]) => `{{${before}${name}${after}}}`)
  const words = fc.constantFrom(
    '',
    '<p>',
    '}',
    '}}',
    '{',
    'text',
    '\r\n',
    '{{-a}}',
    '{{a-}}',
    '{{ "}}" }}',
    '{{ a | upcase }}',
    '{% if a %}y{% endif %}',
    '{{',
  )
  const sources = fc.array(fc.oneof(hole, hole, words), { maxLength: 8 }).map((pieces) => pieces.join(''))
  const value: fc.Arbitrary<unknown> = fc.oneof(
    fc.string(),
    fc.constantFrom(`<&>"'`, '', 0, -0, 1e21, 1.5, true, false, null, undefined),
    fc.array(fc.string(), { maxLength: 2 }),
    fc.record({ b: fc.string(), c: fc.record({ d: fc.string() }) }),
  )
  const data = fc.dictionary(
    fc.constantFrom(
      'a',
      'b',
      'order',
      'nothing',
      'android',
      'notes',
      'trueish',
      'size',
      'first',
      '_x',
      'A1',
      'a-b',
    ),
    value,
  )

  test('cannot be told from Liquid', () => {
    let shortcuts = 0
    fc.assert(
      fc.property(sources, data, (source, values) => {
        const plain = compilePlain(source)
        const got = plain === null ? null : renderPlain(plain, values, true)
        if (got === null) return
        shortcuts++
        expect(liquid.parseAndRenderSync(source, values)).toBe(got)
      }),
      { numRuns: 3000 },
    )
    expect(shortcuts).toBeGreaterThan(100)
  })

  test('is not taken where Liquid would do something else', () => {
    for (const source of [
      '{% if a %}{% endif %}',
      '{{- a }}',
      '{{ a | b }}',
      '{{ a',
      '{{ true }}',
      '{{ a.size }}',
      '{{{a}}}',
    ]) {
      expect(compilePlain(source)).toBeNull()
    }
  })
})
