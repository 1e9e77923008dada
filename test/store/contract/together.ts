//
// Owns: what both engines promise of many messages that are accepted in one go: all of them, or none.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { Acceptance, Store, Together } from '../../../src/store/store.ts'
import { acceptanceOf, contentOfText, domainNamed, HOLDER, lineTo, NOW, type Open } from './samples.ts'

const ONE = domainNamed('one.example')
const KEY = { key: 'batch-7', bodyHash: 'aa' }

export function togetherContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
    await store.queue.heartbeat(HOLDER, NOW, NOW + 60_000)
  })
  afterEach(() => store.close())
  const claimAll = () => store.queue.claim([{ line: lineTo(ONE), limit: 1000 }], NOW, HOLDER)

  const shared = (count: number, text = 'shared'): Acceptance[] => {
    const content = { ...contentOfText(text), kind: 'merged' as const }
    return Array.from({ length: count }, (_, index) => {
      const one = acceptanceOf({
        to: [`u${index}@one.example`],
        message: { contentId: content.id, fill: `{"header":"To: ${index} é\\r\\n","data":{"n":${index}}}` },
      })
      return { ...one, content: index === 0 ? content : null }
    })
  }
  const together = (
    acceptances: readonly Acceptance[],
    idempotency: Together['idempotency'] = null,
  ): Together => ({ acceptances, idempotency, holder: HOLDER })

  test('five hundred share a content, and each keeps what it adds', async () => {
    const all = shared(500)
    expect(await store.queue.acceptAll(together(all))).toEqual({ ok: true, value: undefined })
    const claimed = await claimAll()
    expect(claimed).toHaveLength(500)
    expect(new Set(claimed.map(({ contentId }) => contentId)).size).toBe(1)
    expect(new Set(claimed.map(({ fill }) => fill))).toEqual(new Set(all.map(({ message }) => message.fill)))
    const [first] = all
    if (!first?.content) throw new Error('the first brings the content')
    expect(await store.messages.get(first.message.id, first.message.accountId)).toEqual(first.message)
    expect(await store.messages.contents([first.content.id])).toEqual(
      new Map([[first.content.id, first.content]]) as never,
    )
  })

  test('one that cannot be written takes all with it, and none of its neighbours in the commit', async () => {
    const taken = acceptanceOf({ text: 'before' })
    await store.queue.accept(taken)
    const all = shared(20)
    const last = all[19]
    if (!last) throw new Error('twenty')
    all[19] = { ...last, message: { ...last.message, id: taken.message.id } }
    const neighbour = acceptanceOf({ text: 'neighbour' })
    const ends = await Promise.allSettled([
      store.queue.accept(neighbour),
      store.queue.acceptAll(together(all)),
      store.queue.acceptAll(together(shared(3, 'others'))),
    ])
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await claimAll()).toHaveLength(1 + 1 + 3)
    for (const { message } of all.slice(0, 19)) expect(await store.messages.get(message.id, null)).toBeNull()
    const [first] = all
    expect(await store.messages.contents(first?.content ? [first.content.id] : [])).toEqual(new Map())
  })

  test('a content that nobody brings has to be there: else all of it is refused, and no neighbour', async () => {
    const [, ...orphans] = shared(3, 'nobody brings it')
    const ends = await Promise.allSettled([
      store.queue.acceptAll(together(shared(2, 'neighbours'))),
      store.queue.acceptAll(together(orphans)),
    ])
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await claimAll()).toHaveLength(2)
    for (const { message } of orphans) expect(await store.messages.get(message.id, null)).toBeNull()
    // One that was stored before is there, whoever brought it.
    const [first, ...later] = shared(3, 'brought before')
    if (first) await store.queue.acceptAll(together([first]))
    expect(await store.queue.acceptAll(together(later))).toEqual({ ok: true, value: undefined })
  })

  test('a taken key refuses all of it, and the octets of its neighbours stay theirs', async () => {
    const record = acceptanceOf({ idempotency: KEY }).idempotency
    const first = shared(5, 'first')
    const second = shared(5, 'second')
    const other = acceptanceOf({ text: 'another' })
    const ends = await Promise.all([
      store.queue.acceptAll(together(first, record)),
      store.queue.acceptAll(together(second, record)),
      store.queue.accept(other),
    ])
    expect(ends).toEqual([
      { ok: true, value: undefined },
      { ok: false, error: 'idempotency-conflict' },
      { ok: true, value: undefined },
    ])
    expect(await claimAll()).toHaveLength(6)
    expect(await store.messages.contents([other.message.contentId])).toEqual(
      new Map([[other.message.contentId, other.content]]) as never,
    )
    expect(await store.messages.idempotency(other.message.accountId, KEY.key)).toEqual(record)
  })

  test('several contents come with their own octets', async () => {
    const all = [...shared(2, 'a'), ...shared(3, 'longer text ✓'), acceptanceOf({ text: 'alone' })]
    await store.queue.acceptAll(together(all))
    const contents = all.flatMap(({ content }) => (content ? [content] : []))
    expect(await store.messages.contents(contents.map(({ id }) => id))).toEqual(
      new Map(contents.map((content) => [content.id, content])) as never,
    )
  })

  test('what is leased is not in the line', async () => {
    const one = acceptanceOf({ to: ['a@one.example'], leased: true })
    const two = acceptanceOf({ to: ['b@one.example'] })
    await store.queue.acceptAll(together([one, two]))
    expect((await claimAll()).map(({ messageId }) => messageId)).toEqual([two.message.id])
    expect((await store.queue.overview(1)).leased).toBe(2)
  })
}
