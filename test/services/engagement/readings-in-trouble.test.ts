//
// Readings against what a store in trouble answers.

import { describe, expect, test } from 'bun:test'
import type { DeliveryId } from '../../../src/core/ids.ts'
import { fault } from '../../../src/core/result.ts'
import { MINUTE, SECOND } from '../../../src/core/time.ts'
import { MAX_WAITING, type ReadingsParts } from '../../../src/services/engagement/readings.ts'
import type { Store } from '../../../src/store/store.ts'
import { StoreUnavailable } from '../../../src/store/store-fault.ts'
import { firstDelivery } from '../../store/contract/samples.ts'
import { click, open, readingsRig } from '../../support/readings-rig.ts'
import { until } from '../../support/until.ts'

describe('a store in trouble', () => {
  /** Answers as it is told to, then as the store does; `before` what it gets is written all the same. */
  function troubled(
    store: Store,
    ...troubles: ('copies' | 'append' | 'answer-lost')[]
  ): ReadingsParts['store'] {
    return {
      async copies(wanted) {
        if (troubles[0] !== 'copies') return store.engagement.copies(wanted)
        troubles.shift()
        throw new StoreUnavailable('away')
      },
      async append(events, again) {
        const trouble = troubles.shift()
        if (trouble === undefined) return store.engagement.append(events, again)
        if (trouble === 'answer-lost') await store.engagement.append(events, again)
        return fault('unavailable')
      },
    }
  }

  test('is asked again every second, and each event is kept once', async () => {
    await using rig = await readingsRig()
    const { clock, deliveredLetter, lines, readingsOn, store, told } = rig
    const id = firstDelivery(await deliveredLetter())
    const readings = readingsOn(troubled(store, 'copies', 'copies', 'append', 'answer-lost'))
    readings.note(open(id))
    for (let second = 0; second < 4; second++) {
      await until('it waits', () => clock.waits > 0)
      // The last answer was lost on its way.
      expect((await told()).length).toBe(second === 3 ? 1 : 0)
      // What comes meanwhile comes afterwards.
      if (second === 1) readings.note(click(id))
      clock.advance(SECOND)
    }
    await until('both are told', async () => (await told()).length === 2)
    await readings.stop()
    expect((await told()).map(({ type }) => type)).toEqual(['email.opened', 'email.clicked'])
    expect(new Set(lines)).toEqual(
      new Set(['opens and clicks cannot be stored; it is tried again every second']),
    )
  })

  test('costs no more than it has room for; the rest is counted, and said once a minute', async () => {
    await using rig = await readingsRig()
    const { clock, counted, deliveredLetter, lines, readingsOn, store } = rig
    const id = firstDelivery(await deliveredLetter())
    const readings = readingsOn({ ...store.engagement, append: async () => fault('full') })
    readings.note(open(id))
    await until('it waits', () => clock.waits > 0)
    for (let at = 0; at < MAX_WAITING + 3; at++) readings.note(open(id))
    const dropped = counted.filter((line) => line.startsWith('readings_dropped_total'))
    expect(dropped).toEqual(Array.from({ length: 3 }, () => 'readings_dropped_total 1'))
    const said = () => lines.filter((line) => line.startsWith('opens and clicks were not counted'))
    expect(said().length).toBe(1)
    clock.advance(MINUTE)
    readings.note(open(id))
    expect(said().length).toBe(2)
    expect(said()[1]).toEndWith(' 3')
    // The end does not wait for a store that does not come back, and says what is lost.
    await readings.stop()
    expect(said().at(-1)).toEndWith(` ${MAX_WAITING + 1}`)
  })

  test('one event that the store can never take is left out; the others are kept', async () => {
    await using rig = await readingsRig()
    const { counted, deliveredLetter, readingsOn, store, told } = rig
    const id = firstDelivery(await deliveredLetter())
    const readings = readingsOn({
      ...store.engagement,
      append: async (events, again) => {
        if (events.some((event) => event.ip === '::bad')) throw new Error('cannot be written')
        return store.engagement.append(events, again)
      },
    })
    readings.note(open(id))
    readings.note(open(id, { ip: '::bad' }))
    readings.note(click(id))
    await readings.stop()
    expect((await told()).map(({ type }) => type)).toEqual(['email.opened', 'email.clicked'])
    expect(counted).toContain('readings_dropped_total 1')
  })

  test('a question that the store breaks on costs those who asked it, and nobody after them', async () => {
    await using rig = await readingsRig()
    const { counted, deliveredLetter, lines, readingsOn, store, told } = rig
    const id = firstDelivery(await deliveredLetter())
    const bad = 'msg_000000000000.9' as DeliveryId
    const readings = readingsOn({
      ...store.engagement,
      copies: async (wanted) => {
        if (wanted.includes(bad)) throw new Error('a damaged row')
        return store.engagement.copies(wanted)
      },
    })
    readings.note(open(bad))
    await until('it is refused', () => lines.length > 0)
    readings.note(open(id))
    await readings.stop()
    expect((await told()).length).toBe(1)
    expect(counted).toContain('readings_dropped_total 1')
    expect(lines[0]).toBe('opens or clicks were refused by the store')
  })
})
