//
// The workshop: templates are built beside the serving thread, in turns, and what takes too long is given up.

import { afterEach, expect, test } from 'bun:test'
import type { AccountId } from '../../../src/core/ids.ts'
import { SECOND } from '../../../src/core/time.ts'
import type { BuildWish } from '../../../src/services/templates/building.ts'
import { Workshop } from '../../../src/services/templates/workshop.ts'
import { handClock } from '../../support/clock.ts'

const LOG = { debug() {}, info() {}, warn() {}, error() {} }
const wish = (html: string, account = 'acc_000000000001'): BuildWish => ({
  account: account as AccountId,
  name: 'it',
  kind: 'template',
  source: { subject: null, html, mjml: null, text: null, inlineCss: true, sample: null },
  pieces: new Map(),
})

let workshop: Workshop | null = null
const open = () => {
  const clock = handClock()
  workshop = new Workshop({ clock, log: LOG })
  return { clock, workshop }
}
afterEach(async () => workshop?.stop())

test('builds, names what is wrong, and goes on', async () => {
  const { workshop } = open()
  const [good, bad, again] = await Promise.all([
    workshop.make(wish('<p>{{ a }}</p>')),
    workshop.make(wish('{{ a')),
    workshop.make({ ...wish('{{ a }}'), wantsVariables: true }),
  ])
  expect(good).toMatchObject({ ok: true, value: { built: { html: '<p>{{ a }}</p>' }, variables: [] } })
  expect(bad).toMatchObject({ ok: false, error: { part: 'html', line: 1 } })
  expect(again).toMatchObject({ ok: true, value: { variables: [{ name: 'a', required: true }] } })
})

test('gives up what takes too long, with its thread, and builds the next', async () => {
  const { clock, workshop } = open()
  await workshop.make(wish('warm'))
  // Each rule is looked for in each element.
  const rules = Array.from({ length: 4000 }, (_, at) => `.a${at} .b .c .d{color:red}`).join('')
  const slow = workshop.make(
    wish(`<style>${rules}</style>${'<p class="b"><i class="c"><b class="d">'.repeat(4000)}`),
  )
  const next = workshop.make(wish('next'))
  clock.advance(11 * SECOND)
  expect(await slow).toMatchObject({ ok: false, error: { message: 'it takes too long to build' } })
  expect(await next).toMatchObject({ ok: true, value: { built: { html: 'next' } } })
})

test('somebody else comes before the next of one who wants much; beyond sixteen he hears that it is busy', async () => {
  const { workshop } = open()
  const order: string[] = []
  const all = Array.from({ length: 20 }, (_, at) =>
    workshop.make(wish(`${at}`)).then((made) => order.push(made.ok ? `${at}` : String(made.error))),
  )
  all.push(workshop.make(wish('x', 'acc_000000000002')).then(() => order.push('other')))
  await Promise.all(all)
  expect(order.filter((one) => one === 'busy')).toHaveLength(3)
  expect(order.filter((one) => one !== 'busy').indexOf('other')).toBe(1)
})

test('who still waits when it stops is answered', async () => {
  const { workshop } = open()
  const waiting = [workshop.make(wish('a')), workshop.make(wish('b'))]
  await workshop.stop()
  for (const made of await Promise.all(waiting)) {
    expect(made).toMatchObject({ ok: false, error: { message: 'the node is stopping' } })
  }
})
