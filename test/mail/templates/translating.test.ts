//
// Templates of others say in Liquid what they said before, and what does not go over is noted and kept.

import { describe, expect, test } from 'bun:test'
import { fromHandlebars } from '../../../src/mail/templates/handlebars.ts'
import { MergeTemplates } from '../../../src/mail/templates/merge.ts'
import { fromMustachio, fromResend } from '../../../src/mail/templates/mustachio.ts'
import type { Translation } from '../../../src/mail/templates/translating.ts'

const merges = new MergeTemplates()
const rendered = ({ notes, text }: Translation, data: object): string | null => {
  expect(notes).toEqual([])
  const done = merges.renderMerge({ subject: '', html: text, text: null }, data as Record<string, unknown>)
  return done.ok ? done.value.html : done.error.message
}
const HTML = { isHtml: true } as const
const DATA = {
  name: '<Ann>',
  empty: '',
  zero: 0,
  none: [],
  yes: 'y',
  items: [
    { n: 'a', ok: true, tags: ['x', 'y'] },
    { n: 'b', ok: false, tags: [] },
  ],
  words: ['p', 'q'],
  shop: { name: 'S', city: { name: 'C' } },
}

describe('Handlebars', () => {
  test.each([
    ['{{name}} {{{name}}} {{&name}}', '&lt;Ann&gt; <Ann> <Ann>'],
    ['{{! no }}{{!-- nor {{this}} --}}{{~name~}}', '&lt;Ann&gt;'],
    ['{{#if yes}}1{{else}}2{{/if}}{{#if empty}}1{{else}}2{{/if}}{{#if zero}}1{{else}}2{{/if}}', '122'],
    ['{{#if none}}1{{else}}2{{/if}}{{#if missing}}1{{else}}2{{/if}}', '22'],
    ['{{#if missing}}1{{else if yes}}2{{else}}3{{/if}}', '2'],
    ['{{#if missing}}1{{else if empty}}2{{else if zero}}3{{else}}4{{/if}}', '4'],
    ['{{#unless empty}}1{{/unless}}{{#unless yes}}2{{/unless}}', '1'],
    ['{{#each items}}{{n}}{{this.n}}{{@index}}{{#if ok}}!{{/if}}{{/each}}', 'aa0!bb1'],
    ['{{#each items}}{{#each tags}}{{this}}{{../n}}{{../../shop.name}} {{/each}}{{/each}}', 'xaS yaS '],
    ['{{#each words}}{{this}}{{#unless @last}},{{/unless}}{{/each}}', 'p,q'],
    ['{{#each words as |w i|}}{{i}}{{w}}{{/each}}', null],
    ['{{#with shop}}{{name}}{{#with city}}{{name}}{{../name}}{{@root.yes}}{{/with}}{{/with}}', 'SCSy'],
    ['{{items.[1].n}}{{items.0.n}}', 'ba'],
    ['{{#equals yes "y"}}1{{else}}2{{/equals}}{{#notEquals yes "y"}}1{{else}}2{{/notEquals}}', '12'],
    ['{{#greaterThan zero 1}}1{{else}}2{{/greaterThan}}{{#and yes empty}}1{{else}}2{{/and}}', '22'],
    ['{{insert missing "default=there"}} %recipient.yes% 5{% 6', 'there y 5{% 6'],
    ['{{#each missing}}1{{/each}}.', '.'],
  ])('%s', (source, wanted) => {
    if (wanted === null) return expect(fromHandlebars(source, HTML).notes).toHaveLength(1)
    expect(rendered(fromHandlebars(source, HTML), DATA)).toBe(wanted)
  })

  test.each([
    ['a\n{{formatDate x "y"}}', 2, 'no such expression'],
    ['{{#helper x}}y{{/helper}}', 1, 'helper is not known'],
    ['{{#if (eq a b)}}y{{/if}}', 1, 'condition is not known'],
    ['{{#if a}}never closed', 1, 'never closed'],
    ['{{/if}}', 1, 'closes nothing'],
    ['{{ never', 1, 'never closed'],
    ['{{> footer}}', 1, 'wants a partial'],
  ])('%s is noted', (source, line, message) => {
    const { notes, text } = fromHandlebars(source, HTML)
    expect(notes).toEqual([{ line, message: expect.stringContaining(message) }])
    if (message.includes('expression')) expect(text).toContain('formatDate')
  })
})

describe('Mustachio', () => {
  test.each([
    ['{{name}} {{{name}}}', '&lt;Ann&gt; <Ann>'],
    ['{{#shop}}{{name}}{{#city}}{{name}}{{../name}}{{/city}}{{/shop}}', 'SCS'],
    ['{{#yes}}{{.}}{{/yes}}{{#empty}}1{{/empty}}{{^empty}}2{{/empty}}{{^missing}}3{{/missing}}', 'y23'],
    ['{{#each items}}{{n}}{{#each tags}}{{.}}{{/each}}{{/each}}', 'axyb'],
  ])('%s', (source, wanted) => expect(rendered(fromMustachio(source, HTML), DATA)).toBe(wanted))

  test('a layout has its content as a block', () => {
    expect(fromMustachio('<p>{{{ @content }}}</p>', HTML).text).toBe(
      '<p>{% block content %}{% endblock %}</p>',
    )
  })
})

test('variables of Resend, with what stands for them', () => {
  expect(rendered(fromResend('{{{NAME|there}}} {{{yes}}}'), DATA)).toBe('there y')
  expect(fromResend('{{{A|say "x"}}}').notes).toHaveLength(1)
})

test('what never ends is read in one way through', () => {
  const before = performance.now()
  for (const piece of ['{{!--', '{{{', '{{', '{%']) fromHandlebars(piece.repeat(150_000), HTML)
  expect(performance.now() - before).toBeLessThan(3000)
})
