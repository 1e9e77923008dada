//
// Owns: what both engines promise of templates: one name in an account, changes one after the other, only one's own.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { AccountId } from '../../../src/core/ids.ts'
import type { Template, TemplateId, TemplateSource } from '../../../src/core/template.ts'
import type { Store } from '../../../src/store/store.ts'
import type {
  StoredTemplateVersion,
  TemplateStore,
  TemplateWrite,
} from '../../../src/store/template-store.ts'
import { ACCOUNT, NOW, type Open } from './samples.ts'

const OTHER = 'acc_000000000002' as AccountId
const idOf = (number: number) => `tpl_${String(number).padStart(12, '0')}` as TemplateId

const template = (number: number, changes: Partial<Template> = {}): Template => ({
  id: idOf(number),
  accountId: ACCOUNT,
  name: `welcome-${number}`,
  kind: 'template',
  newest: 1,
  published: null,
  createdAt: NOW,
  updatedAt: NOW,
  ...changes,
})

const source = (html: string): TemplateSource => ({
  subject: 'Héllo \u0000 {{ name }}',
  html,
  mjml: null,
  text: null,
  inlineCss: true,
  sample: { name: 'Ann' },
})

const version = (number: number, html = `<p>${number}</p>`): StoredTemplateVersion => ({
  number,
  source: source(html),
  digest: String(number).padStart(64, '0'),
  createdAt: NOW + number,
})

const added = (one: Template, ...versions: StoredTemplateVersion[]): readonly TemplateWrite[] => [
  { kind: 'add', template: one },
  ...versions.map((each) => ({ kind: 'version', template: one.id, version: each }) as const),
]

const build = (number: number, of: Template, uses: readonly string[] = []): TemplateWrite => ({
  kind: 'build',
  build: {
    template: of.id,
    number,
    digest: String(number).padStart(64, 'b'),
    built: { subject: null, html: `<p>${number}</p>`, text: 'Hi' },
    uses,
  },
})

export function templateContract(open: Open): void {
  let store: Store
  let templates: TemplateStore
  beforeEach(async () => {
    store = await open()
    templates = store.templates
  })
  afterEach(() => store.close())

  const change = async (writes: readonly TemplateWrite[], account = ACCOUNT) => {
    const { last } = await templates.shelf(account)
    return templates.change(account, last, writes)
  }

  test('a template comes back as it was written, by id and by name, to its account alone', async () => {
    const one = template(1, { published: 2, newest: 2 })
    expect(await change(added(one, version(1), version(2)))).toEqual({ ok: true, value: undefined })
    expect(await templates.find(ACCOUNT, one.id)).toEqual(one)
    expect(await templates.find(ACCOUNT, one.name)).toEqual(one)
    expect(await templates.version(ACCOUNT, one.id, 2)).toEqual(version(2))
    expect(await templates.version(ACCOUNT, one.id, 3)).toBeNull()
    expect(await templates.find(OTHER, one.id)).toBeNull()
    expect(await templates.find(OTHER, one.name)).toBeNull()
    expect(await templates.version(OTHER, one.id, 1)).toBeNull()
    expect(
      await templates.versions({ account: OTHER, template: one.id, limit: 9, after: null, before: null }),
    ).toEqual([])
    expect(await templates.shelf(OTHER)).toEqual({ last: 0, templates: [] })
  })

  test('of two changes from one state the second is refused whole', async () => {
    const { last } = await templates.shelf(ACCOUNT)
    expect(await templates.change(ACCOUNT, last, added(template(1), version(1)))).toMatchObject({ ok: true })
    const second = await templates.change(ACCOUNT, last, added(template(2), version(1)))
    expect(second).toEqual({ ok: false, error: 'outdated' })
    expect(await templates.find(ACCOUNT, idOf(2))).toBeNull()
    expect((await templates.shelf(ACCOUNT)).last).toBe(last + 1)
  })

  test('changes at once from many sides: each is made from the state before it', async () => {
    const { last } = await templates.shelf(ACCOUNT)
    const ends = await Promise.all(
      [1, 2, 3, 4, 5].map((number) => templates.change(ACCOUNT, last, added(template(number), version(1)))),
    )
    expect(ends.filter(({ ok }) => ok)).toHaveLength(1)
    expect((await templates.shelf(ACCOUNT)).templates).toHaveLength(1)
  })

  test('a name is taken once in an account, and free in another', async () => {
    await change(added(template(1, { name: 'same' })))
    expect(await change(added(template(2, { name: 'same' })))).toEqual({ ok: false, error: 'outdated' })
    const other = template(3, { name: 'same', accountId: OTHER })
    expect(await change(added(other), OTHER)).toMatchObject({ ok: true })
    expect(await templates.find(OTHER, 'same')).toEqual(other)
  })

  test('lists go back in time, and forward to a mark', async () => {
    const all = [1, 2, 3, 4, 5].map((number) => template(number, number === 3 ? { kind: 'layout' } : {}))
    await change(all.flatMap((one) => added(one)))
    const page = async (ask: object) =>
      (
        await templates.list({ account: ACCOUNT, kind: null, limit: 2, after: null, before: null, ...ask })
      ).map(({ id }) => Number(id.slice(4)))
    expect(await page({})).toEqual([5, 4])
    expect(await page({ after: idOf(4) })).toEqual([3, 2])
    expect(await page({ after: idOf(1) })).toEqual([])
    expect(await page({ before: idOf(2) })).toEqual([4, 3])
    expect(await page({ kind: 'layout' })).toEqual([3])
    expect(await page({ account: OTHER })).toEqual([])
  })

  describe('versions', () => {
    test('the newest first, page by page', async () => {
      await change(added(template(1), version(1), version(2), version(3)))
      const page = async (after: number | null, before: number | null = null) =>
        (await templates.versions({ account: ACCOUNT, template: idOf(1), limit: 2, after, before })).map(
          ({ number, createdAt, digest }) => [number, createdAt - NOW, digest.at(-1)],
        )
      expect(await page(null)).toEqual([
        [3, 3, '3'],
        [2, 2, '2'],
      ])
      expect(await page(2)).toEqual([[1, 1, '1']])
      expect(await page(null, 2)).toEqual([[3, 3, '3']])
      expect((await page(null, 0)).map(([number]) => number)).toEqual([2, 1])
    })

    test('are forgotten below a number, but for the one that is kept', async () => {
      await change(added(template(1), version(1), version(2), version(3)))
      await change([{ kind: 'forget', template: idOf(1), below: 3, keep: 1 }])
      const left = await templates.versions({
        account: ACCOUNT,
        template: idOf(1),
        limit: 9,
        after: null,
        before: null,
      })
      expect(left.map(({ number }) => number)).toEqual([3, 1])
    })
  })

  test('published layouts and partials are found by name; templates and drafts are not', async () => {
    const layout = template(1, { kind: 'layout', name: 'base', published: 1, newest: 2 })
    const draft = template(2, { kind: 'partial', name: 'foot' })
    const page = template(3, { name: 'page', published: 1 })
    await change([
      ...added(layout, version(1, '<b>'), version(2)),
      ...added(draft, version(1)),
      ...added(page, version(1)),
    ])
    const found = await templates.pieces(ACCOUNT, ['base', 'foot', 'page', 'nothing'])
    expect([...found]).toEqual([['base', source('<b>')]])
    expect([...(await templates.pieces(OTHER, ['base']))]).toEqual([])
  })

  test('what is sent is the build, which a later one replaces', async () => {
    const one = template(1, { published: 1 })
    await change([...added(one, version(1)), build(1, one, ['base'])])
    const mark = { id: one.id, name: one.name, number: 1, digest: '1'.padStart(64, 'b') }
    expect(await templates.published(ACCOUNT, one.id)).toEqual(mark)
    expect(await templates.published(ACCOUNT, one.name)).toEqual(mark)
    expect(await templates.published(OTHER, one.name)).toBeNull()
    expect(await templates.build(OTHER, one.id)).toBeNull()
    expect(await templates.build(ACCOUNT, one.id)).toEqual({
      template: one.id,
      number: 1,
      digest: mark.digest,
      built: { subject: null, html: '<p>1</p>', text: 'Hi' },
      uses: ['base'],
    })
    expect(await templates.uses(ACCOUNT)).toEqual([{ template: one.id, number: 1, uses: ['base'] }])
    expect(await templates.uses(OTHER)).toEqual([])
    await change([
      build(2, one),
      { kind: 'head', template: { ...one, name: 'new', published: 2, newest: 2 } },
    ])
    expect(await templates.published(ACCOUNT, 'new')).toMatchObject({ number: 2, name: 'new' })
    expect(await templates.published(ACCOUNT, one.name)).toBeNull()
  })

  test('what is removed leaves nothing, and its name is free', async () => {
    const one = template(1, { published: 1, name: 'same' })
    await change([...added(one, version(1)), build(1, one)])
    await change([{ kind: 'remove', template: one.id }])
    expect(await templates.find(ACCOUNT, one.id)).toBeNull()
    expect(await templates.build(ACCOUNT, one.id)).toBeNull()
    expect(await templates.version(ACCOUNT, one.id, 1)).toBeNull()
    expect(await change(added(template(2, { name: 'same' })))).toMatchObject({ ok: true })
  })
}
