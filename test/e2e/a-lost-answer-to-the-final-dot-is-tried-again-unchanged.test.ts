//
// F9: the peer may have the message. It is sent again so that the peer can see that it is the same one.

import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'
import { fieldOf, unsigned } from '../support/message.ts'

test('a connection lost after the final dot is uncertain; the next attempt sends the same message', async () => {
  let dropped = 0
  await using lab = await startLab({
    mx: {
      at: (moment) => {
        if (moment !== 'BODY' || dropped > 0) return undefined
        dropped += 1
        return { drop: true, store: true }
      },
    },
  })
  const id = await lab.sent({
    html: '<p>Grüße {{n}}</p>',
    data: { n: 1 },
    attachments: [{ filename: 'a.bin', content: Buffer.alloc(2000, 7).toString('base64') }],
  })
  const waiting = await lab.tried(id, 1)
  expect(eventOf(waiting, 'deferred').bounce).toMatchObject({ type: 'soft', reason: 'uncertain' })
  expect(must(await lab.admin.metrics({}))).toContain(
    'mailwok_deliveries_possibly_doubled_total{cause="lost_reply"} 1',
  )
  // Time for the peer to notice that it has the message.
  await lab.advance(5 * 60_000 + 1000)
  expect(story(await lab.ended(id))).toEqual(['queued', 'deferred', 'delivered'])
  expect(lab.mx.messages).toHaveLength(2)
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = lab.mx.messages.map(({ bytes }) => bytes)
  expect(fieldOf(first, 'Message-ID')).toBe(`<${id}@example.com>`)
  expect(unsigned(second)).toBe(unsigned(first))
  // Each attempt is signed anew: its time is its own.
  expect(fieldOf(second, 'DKIM-Signature')).not.toBe(fieldOf(first, 'DKIM-Signature'))
  for (const bytes of [first, second]) {
    expect((await lab.dkim(bytes)).map((each) => each.result)).toEqual(['pass', 'pass'])
  }
})
