import { describe, expect, test } from 'bun:test'
import type { Act, AuditRecord } from '../../../src/core/audit.ts'
import { idsFor } from '../../../src/core/ids.ts'
import { fault, ok } from '../../../src/core/result.ts'
import { Bounded } from '../../../src/services/audit/bounded.ts'
import { scrubbed } from '../../../src/services/audit/scrub.ts'
import { Trail } from '../../../src/services/audit/trail.ts'
import { handClock } from '../../support/clock.ts'

const ACT: Act = {
  accountId: null,
  actor: 'key_1',
  action: 'POST /v1/webhooks',
  subject: 'whk_1',
  details: {},
}

function rig() {
  const clock = handClock()
  const kept: AuditRecord[] = []
  const said: string[] = []
  const state = { works: true, throws: false }
  const note = (level: string) => (text: string, fields?: object) =>
    void said.push(`${level} ${text} ${JSON.stringify(fields ?? {})}`)
  const trail = new Trail({
    store: {
      add: async (records) => {
        if (state.throws) throw new Error('away')
        if (!state.works) return fault('full')
        kept.push(...records)
        return ok(undefined)
      },
    },
    clock,
    ids: idsFor('0', () => clock.now()),
    log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
    meter: { count: () => undefined, gauge: () => undefined, observe: () => undefined },
  })
  return { clock, kept, said, state, trail }
}

describe('a record', () => {
  test('stands when the note is done', async () => {
    const { kept, trail } = rig()
    await trail.note(ACT)
    expect(kept).toHaveLength(1)
  })

  test.each([
    ['refuses', { works: false, throws: false }],
    ['is away', { works: true, throws: true }],
  ])(
    'that the store does not take, because it %s, is in the log whole, and stands later',
    async (_why, trouble) => {
      const { clock, kept, said, state, trail } = rig()
      Object.assign(state, trouble)
      await trail.note({ ...ACT, subject: 'first' })
      clock.advance(1000)
      await trail.note({ ...ACT, subject: 'second' })
      expect(said.filter((line) => line.startsWith('error') && /first|second/.test(line))).toHaveLength(2)
      clock.advance(5000)
      await Bun.sleep(1)
      expect(kept).toEqual([])
      Object.assign(state, { works: true, throws: false })
      clock.advance(5000)
      await Bun.sleep(1)
      expect(kept.map(({ subject }) => subject)).toEqual(['first', 'second'])
      expect(new Date(kept[0]?.at ?? 0)).toEqual(new Date(clock.now() - 11_000))
      clock.advance(60_000)
      await Bun.sleep(1)
      expect(kept).toHaveLength(2)
    },
  )

  test('that is owed goes to the store at the end', async () => {
    const { kept, state, trail } = rig()
    state.works = false
    await trail.note(ACT)
    state.works = true
    await trail.stop()
    expect(kept).toHaveLength(1)
  })
})

describe('what may stand there', () => {
  test.each([
    ['mwk_live_abcdefghijklmnop', 'mwk_live_abcd…'],
    ['DELETE mwk_test_0123456789012345 now', 'DELETE mwk_test_0123… now'],
    [`x${'mws_'}${'a'.repeat(40)}y`, 'xmws_…'],
    ['mwi_0 mwr_0', 'mwi_… mwr_…'],
    ['whsec_ab+/cd==', 'whsec_…'],
    ['two\r\nlines\u0000', 'two  lines '],
    ['x'.repeat(300), 'x'.repeat(256)],
    ['\ud800', '\ufffd'],
    [`${'x'.repeat(255)}🐎`, `${'x'.repeat(255)}\ufffd`],
  ])('%j becomes %j', (given, kept) => {
    const act = scrubbed({ ...ACT, subject: given, details: { name: given, note: given } })
    expect([act.subject, act.details.name, act.details.note]).toEqual([kept, kept, kept])
  })

  test('names of fields are names, and not too many', () => {
    const fields = ['url', 'mwk_live_abcdefghijklmnop', 'a b', '', '1', 'x'.repeat(41), 'x'.repeat(40)]
    expect(scrubbed({ ...ACT, details: { fields } }).details.fields).toEqual(['url', 'x'.repeat(40)])
    const many = Array.from({ length: 100 }, (_, at) => `field_${at}`)
    expect(scrubbed({ ...ACT, details: { fields: many } }).details.fields).toHaveLength(40)
  })
})

test('of what strangers cause so much a minute is told, and how much was left out', () => {
  const bounded = new Bounded()
  const told = Array.from({ length: 25 }, (_, at) => bounded.take('usr_1', at))
  expect(told.filter((left) => left !== null)).toHaveLength(10)
  expect(bounded.take('usr_2', 30)).toBe(0)
  expect(bounded.take('usr_1', 60_001)).toBe(15)
  expect(bounded.take('usr_1', 60_002)).toBe(0)
})
