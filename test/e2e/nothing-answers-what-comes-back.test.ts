import { expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Domain } from '../../src/core/address.ts'
import { deliveryId, parseMessageId } from '../../src/core/ids.ts'
import { verpFor } from '../../src/mail/tracking/verp.ts'
import { openMasterSecret } from '../../src/services/domains/secret-file.ts'
import { must, startLab } from '../support/appliance.ts'
import { bounceOf, deliver, letter } from '../support/inbound.ts'
import { story } from '../support/lab-answers.ts'
import { TEST_KEY } from '../support/lab-folder.ts'
import { until } from '../support/until.ts'

test('a bounce of what a test key sent is taken and changes nothing', async () => {
  await using lab = await startLab()
  const { body } = await lab.send({}, { authorization: `Bearer ${TEST_KEY}` })
  await lab.ended(body.message_id)
  const secrets = await openMasterSecret(join(lab.folder, 'data', 'secret'))
  const id = parseMessageId(body.message_id)
  if (!secrets.ok || id === null) throw new Error('the lab has no secret')
  const key = secrets.value.deriveKey('verp')
  const path = verpFor(deliveryId(id, 0), 'bounce.example.com' as Domain, key)
  // The path is genuine: one with another key's proof is nobody's.
  const foreign = verpFor(deliveryId(id, 0), 'bounce.example.com' as Domain, Buffer.alloc(32))
  const message = bounceOf('rcpt@example.net')
  expect(await deliver(lab, { to: [foreign], message })).toStartWith('550 5.1.1')
  expect(await deliver(lab, { to: [path], message })).toStartWith('250')
  const view = await lab.message(body.message_id)
  expect(view.deliveries[0]?.status).toBe('delivered')
  expect(story(view)).toEqual(['queued', 'delivered'])
  const shown = await lab.admin.suppressionShow({ account: 'default', address: 'rcpt@example.net' })
  expect(shown.ok ? 'listed' : shown.error.code).toBe('not_found')
})

test('what is passed on and bounces, at once or later, makes no further mail', async () => {
  await using lab = await startLab({ mx: { at: { RCPT: '550 5.1.1 no such user' } } })
  const target = 'team@example.net'
  const pattern = 'support@example.com'
  must(await lab.admin.inboundRouteAdd({ account: 'default', pattern, action: 'forward', target }))
  const from = 'ann@stranger.example'
  expect(await deliver(lab, { from, to: [pattern], message: letter() })).toStartWith('250')
  await lab.meanwhile(until('it was tried', () => lab.mx.connections > 0))
  // A host that took it and thought better of it writes to whoever it can find.
  for (const to of ['postmaster@mail.lab.test', 'mailer-daemon@mail.lab.test', pattern]) {
    const reply = await deliver(lab, { from: null, to: [to], message: bounceOf(target) })
    expect(reply).toMatch(/^(?:250|550 5\.1\.1)/)
  }
  const asked = lab.mx.connections
  await lab.advance(3_600_000)
  expect(lab.mx.connections).toBe(asked)
  expect(lab.mx.messages).toEqual([])
})
