//
// RFC 7435: opportunistic. RFC 3207 §4.1: after a failed handshake the connection is in no state to go on.

import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import type { Moment, Seen } from '../support/mx.ts'

test('a peer that offers STARTTLS gets the message encrypted, with its name in the handshake', async () => {
  await using lab = await startLab({ mx: { starttls: true } })
  const view = await lab.ended(await lab.sent())
  expect(story(view)).toEqual(['queued', 'delivered'])
  expect(lab.mx.messages[0]?.tls).toMatchObject({ serverName: 'mx.example.net' })
  expect(view.deliveries[0]?.attempts[0]?.tls?.version).toMatch(/^TLSv1\.[23]$/)
})

test('a handshake that fails is followed by a new connection in clear', async () => {
  await using lab = await startLab({ mx: { starttls: true, at: { TLS: { drop: true } } } })
  const view = await lab.ended(await lab.sent())
  expect(story(view)).toEqual(['queued', 'delivered'])
  expect(lab.mx.messages).toHaveLength(1)
  expect(lab.mx.messages[0]?.tls).toBeNull()
  expect(lab.mx.messages[0]?.connection).toBe(2)
  expect(lab.mx.commands.filter((line) => line.includes('STARTTLS'))).toEqual(['1: STARTTLS'])
  expect(view.deliveries[0]?.attempts[0]?.tls).toBeNull()
})

for (const [what, at] of [
  ['at the word STARTTLS', (moment: Moment) => moment === 'STARTTLS'],
  ['at the first EHLO under TLS', (moment: Moment, seen: Seen) => moment === 'EHLO' && seen.secure],
] as const) {
  test(`who cuts us off ${what} gets the message in clear`, async () => {
    await using lab = await startLab({
      mx: { starttls: true, at: (moment, seen) => (at(moment, seen) ? { drop: true } : undefined) },
    })
    const view = await lab.ended(await lab.sent())
    expect(story(view)).toEqual(['queued', 'delivered'])
    expect(lab.mx.messages[0]?.tls).toBeNull()
    expect(lab.mx.connections).toBe(2)
  })
}
