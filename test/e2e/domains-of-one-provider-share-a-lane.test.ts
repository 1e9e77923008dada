//
// What a provider says to one of the domains that it hosts counts for all of them.

import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'

const HERE = { A: ['127.0.0.1'] }

test('three domains at one provider, by the domain of their MX hosts', async () => {
  await using lab = await startLab({
    mx: { at: (moment) => (moment === 'CONNECT' ? { reply: '554 5.7.1 blocked', drop: true } : undefined) },
    dns: {
      'a.test': { MX: [[10, 'in1.mx.hoster.test']] },
      'b.test': { MX: [[10, 'in2.mx.hoster.test']] },
      'c.test': { MX: [[5, 'elsewhere.hoster.test']] },
      'in1.mx.hoster.test': HERE,
      'in2.mx.hoster.test': HERE,
      'elsewhere.hoster.test': HERE,
    },
  })
  await lab.tried(await lab.sent({ to: 'x@a.test' }), 1)
  // The others' first deliveries find out where they belong, and wait with it.
  const ids = [await lab.sent({ to: 'x@b.test' }), await lab.sent({ to: 'x@c.test' })]
  await lab.advance(2000)
  for (const id of ids) expect((await lab.message(id)).deliveries[0]?.attempts).toEqual([])
  expect(lab.mx.connections).toBe(1)
  const lanes = must(await lab.admin.queueLanes({ provider: null }))
  expect(lanes.map(({ provider, state }) => [provider, state])).toEqual([['hoster.test', 'paused']])
})

test('providers that are known have names, and what is known of them counts', async () => {
  await using lab = await startLab({
    dns: {
      'gmail.test': { MX: [[5, 'gmail-smtp-in.l.google.com']] },
      'workspace.test': { MX: [[1, 'aspmx.l.google.com']] },
      'gmail-smtp-in.l.google.com': HERE,
      'aspmx.l.google.com': HERE,
      'icloud.test': { MX: [[10, 'mx01.mail.icloud.com']] },
      'mx01.mail.icloud.com': HERE,
    },
    toml: '[[provider]]\nname = "apple"\nconnections = 1\nmessages_per_connection = 2\n',
  })
  const id = await lab.sent({ to: ['a@gmail.test', 'b@workspace.test'] })
  const apple = await lab.sent({ to: Array.from({ length: 6 }, (_, i) => `r${i}@icloud.test`) })
  await lab.ended(id)
  const view = await lab.ended(apple)
  for (const { recipient } of view.deliveries) expect(story(view, recipient)).toEqual(['queued', 'delivered'])
  const lanes = must(await lab.admin.queueLanes({ provider: null }))
  expect(lanes.map(({ provider }) => provider).toSorted()).toEqual(['apple', 'google'])
  expect(lanes.find(({ provider }) => provider === 'google')?.delivered).toBe(2)
  const perConnection = new Map<number, number>()
  for (const { connection, forwardPaths } of lab.mx.messages) {
    if (!forwardPaths[0]?.endsWith('@icloud.test')) continue
    perConnection.set(connection, (perConnection.get(connection) ?? 0) + 1)
  }
  expect([...perConnection.values()]).toEqual([2, 2, 2])
})
