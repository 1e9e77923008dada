//
// Templates on a store that two nodes share: limits, versions that are forgotten, changes at once from both sides.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AccountId, idsFor } from '../../../src/core/ids.ts'
import type { Template } from '../../../src/core/template.ts'
import type { TemplateDesk } from '../../../src/services/templates/desk.ts'
import { MAX_TEMPLATES, MAX_VERSIONS } from '../../../src/services/templates/templates.ts'
import { openStore } from '../../../src/store/open.ts'
import type { Store } from '../../../src/store/store.ts'
import { templatesOf } from '../../../src/template-path.ts'
import { handClock } from '../../support/clock.ts'

const ACCOUNT = 'acc_000000000001' as AccountId
const OTHER = 'acc_000000000002' as AccountId
const log = { debug() {}, info() {}, warn() {}, error() {} }
const meter = { count() {}, observe() {}, gauge() {} }

let folder = ''
let store: Store
let one: TemplateDesk
let two: TemplateDesk

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailwok-templates-'))
  const clock = handClock()
  store = await openStore(`sqlite:${folder}/mailwok.db`, { clock, log, meter, inboxBytes: 64 * 1024 * 1024 })
  const deskAt = (node: string) =>
    templatesOf({ clock, ids: idsFor(node, () => clock.now()), log, store }).templateDesk
  one = deskAt('a')
  two = deskAt('b')
})
afterEach(async () => {
  await one.stop()
  await two.stop()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const add = async (desk: TemplateDesk, fields: object): Promise<Template> => {
  const made = await desk.templates.add(ACCOUNT, {
    name: 'it',
    kind: 'template',
    publish: true,
    subject: 's',
    ...fields,
  })
  if (!made.ok) throw new Error(JSON.stringify(made.error))
  return made.value.template
}
const htmlOf = async (desk: TemplateDesk, name: string) => {
  const found = await desk.published.named(ACCOUNT, name)
  return found.ok ? found.value.html : found.error
}

test('what one node publishes, the other sends at once', async () => {
  const { id } = await add(one, { html: 'first' })
  expect(await htmlOf(two, 'it')).toBe('first')
  await one.templates.change(ACCOUNT, id, { html: 'second', publish: true })
  expect(await htmlOf(two, 'it')).toBe('second')
  await two.templates.publish(ACCOUNT, id, 1)
  expect(await htmlOf(one, id)).toBe('first')
  await one.templates.remove(ACCOUNT, id)
  expect(await htmlOf(two, 'it')).toBe('unknown')
})

test('a layout and a template that are published at once from two sides end as one whole', async () => {
  const layout = await add(one, {
    name: 'base',
    kind: 'layout',
    html: '<1>{% block content %}{% endblock %}',
  })
  const page = await add(one, { name: 'page', html: '{% layout "base" %}A' })
  for (let round = 2; round < 8; round++) {
    const ends = await Promise.all([
      one.templates.change(ACCOUNT, layout.id, {
        html: `<${round}>{% block content %}{% endblock %}`,
        publish: true,
      }),
      two.templates.change(ACCOUNT, page.id, { html: `{% layout "base" %}${round}`, publish: true }),
    ])
    expect(ends.every(({ ok }) => ok)).toBe(true)
    expect(await htmlOf(one, 'page')).toBe(`<${round}>${round}`)
  }
})

test('the last hundred versions are kept, and the published one', async () => {
  const { id } = await add(one, { html: 'v1' })
  for (let number = 2; number <= MAX_VERSIONS + 5; number++) {
    await one.templates.change(ACCOUNT, id, { html: `v${number}`, publish: false })
  }
  const kept = await one.shelf.versions({
    account: ACCOUNT,
    template: id,
    limit: 1000,
    after: null,
    before: null,
  })
  expect(kept).toHaveLength(MAX_VERSIONS + 1)
  expect(kept.map(({ number }) => number).slice(-2)).toEqual([6, 1])
  expect(await htmlOf(one, 'it')).toBe('v1')
  expect(await one.templates.publish(ACCOUNT, id, 2)).toEqual({ ok: false, error: 'no-such-version' })
})

test('an account has a thousand and no more; another has its own', async () => {
  const { last } = await store.templates.shelf(ACCOUNT)
  const base = await add(one, { name: 'first', html: 'x' })
  const rows = Array.from({ length: MAX_TEMPLATES - 2 }, (_, at) => ({
    kind: 'add' as const,
    template: { ...base, id: `tpl_${String(at).padStart(12, '0')}` as Template['id'], name: `n${at}` },
  }))
  expect(await store.templates.change(ACCOUNT, last + 1, rows)).toMatchObject({ ok: true })
  await add(two, { name: 'last', html: 'x' })
  const draft = { name: 'over', kind: 'template', publish: false, html: 'x' } as const
  expect(await one.templates.add(ACCOUNT, draft)).toEqual({ ok: false, error: 'too-many' })
  expect(await one.templates.add(OTHER, draft)).toMatchObject({ ok: true })
})

test('for the messages of one request a template is asked for once', async () => {
  const { id } = await add(one, { html: 'first' })
  const reader = one.published.forOneRequest()
  const before = await reader.named(ACCOUNT, 'it')
  await one.templates.change(ACCOUNT, id, { html: 'second', publish: true })
  expect(await reader.named(ACCOUNT, 'it')).toEqual(before)
  expect(await htmlOf(one, 'it')).toBe('second')
})
