//
// Readings on a real store: each request for a pixel or a link is an event, once, in order, judged.

import { describe, expect, test } from 'bun:test'
import { type DeliveryId, deliveryId } from '../../../src/core/ids.ts'
import { SECOND } from '../../../src/core/time.ts'
import { firstDelivery, NOW } from '../../store/contract/samples.ts'
import { click, LATER, open, readingsRig, SAFARI } from '../../support/readings-rig.ts'
import { until } from '../../support/until.ts'

describe('what becomes of a request', () => {
  test('a person who opens and clicks minutes later is two events, heard at once', async () => {
    await using rig = await readingsRig()
    const { counted, deliveredLetter, lines, readingsOn, rung, told } = rig
    const acceptance = await deliveredLetter()
    const id = firstDelivery(acceptance)
    const readings = readingsOn()
    readings.note(open(id))
    readings.note(click(id, 3, { at: LATER + SECOND }))
    await readings.stop()
    const head = {
      accountId: acceptance.message.accountId,
      messageId: acceptance.message.id,
      deliveryId: id,
      recipient: 'u0@one.example',
    }
    const facts = { ip: '198.51.100.7', userAgent: SAFARI, machine: false, why: [] }
    expect(await told()).toMatchObject([
      { ...head, type: 'email.opened', at: LATER, ...facts },
      { ...head, type: 'email.clicked', at: LATER + SECOND, url: 'https://shop.example/3', ...facts },
    ])
    expect(rung.flat().map(({ type }) => type)).toEqual(['email.opened', 'email.clicked'])
    expect(counted).toEqual(['opens_total 1 false', 'clicks_total 1 false'])
    expect(lines).toEqual([])
  })

  test('HEAD, a proxy, a scanner’s network and what comes too soon are told for what they are', async () => {
    await using rig = await readingsRig()
    const { deliveredLetter, letter, readingsOn, verdicts } = rig
    const id = firstDelivery(await deliveredLetter())
    const waiting = firstDelivery(await letter())
    const readings = readingsOn()
    const proxy = 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)'
    readings.note(open(id, { userAgent: proxy }))
    readings.note(click(id, 1, { method: 'HEAD' }))
    readings.note(open(id, { ip: '64.235.150.9' }))
    readings.note(click(id, 1, { at: NOW + 20 + 3 * SECOND }))
    readings.note(open(waiting))
    await readings.stop()
    expect(await verdicts()).toEqual([
      [null, 'mail_proxy'],
      [true, 'head'],
      [null, 'known_network'],
      [true, 'soon_after_delivery'],
      [true, 'soon_after_delivery'],
    ])
  })

  test('three links of a copy within ten seconds are a program’s; of another copy they say nothing', async () => {
    await using rig = await readingsRig()
    const { deliveredLetter, readingsOn, told, verdicts } = rig
    const id = firstDelivery(await deliveredLetter())
    const other = firstDelivery(await deliveredLetter())
    const readings = readingsOn()
    for (const [link, after] of [
      [1, 0],
      [2, 4],
      [2, 5],
      [3, 9],
      [4, 30],
    ] as const) {
      readings.note(click(id, link, { at: LATER + after * SECOND }))
      // One after the other, as they come.
      await until('it is told', async () => (await told()).some(({ at }) => at === LATER + after * SECOND))
    }
    readings.note(click(other, 5, { at: LATER + 31 * SECOND }))
    await readings.stop()
    expect(await verdicts()).toEqual([[false], [false], [false], [true, 'all_links'], [false], [false]])
  })

  test('those that come together are judged together', async () => {
    await using rig = await readingsRig()
    const { deliveredLetter, readingsOn, verdicts } = rig
    const id = firstDelivery(await deliveredLetter())
    const readings = readingsOn()
    for (const link of [1, 2, 3]) readings.note(click(id, link))
    await readings.stop()
    expect(await verdicts()).toEqual([
      [true, 'all_links'],
      [true, 'all_links'],
      [true, 'all_links'],
    ])
  })

  test('the same open twice is two events', async () => {
    await using rig = await readingsRig()
    const { deliveredLetter, readingsOn, told } = rig
    const id = firstDelivery(await deliveredLetter())
    const readings = readingsOn()
    readings.note(open(id))
    readings.note(open(id))
    await readings.stop()
    expect((await told()).length).toBe(2)
  })

  test('of mail that retention has removed nothing can be told', async () => {
    await using rig = await readingsRig()
    const { counted, readingsOn, told } = rig
    const readings = readingsOn()
    readings.note(open('msg_000000000000.0' as DeliveryId))
    await readings.stop()
    expect(await told()).toEqual([])
    expect(counted).toEqual(['readings_of_removed_mail_total 1'])
  })

  test('five thousand of a thousand copies are five thousand events', async () => {
    await using rig = await readingsRig()
    const { letter, readingsOn, told } = rig
    const { message } = await letter(1000)
    const readings = readingsOn()
    for (let at = 0; at < 5000; at++) readings.note(click(deliveryId(message.id, at % 1000), at))
    await readings.stop()
    const events = await told()
    expect(events.map((event) => event.type === 'email.clicked' && event.url)).toEqual(
      Array.from({ length: 5000 }, (_, at) => `https://shop.example/${at}`),
    )
  })
})
