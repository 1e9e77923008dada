//
// Provider feedback acts: over the limits marketing mail is refused by name and what was accepted waits; transactional
// mail goes on; one command lets it go on.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { AUTHORIZED, type Lab, must, startLab } from '../support/appliance.ts'
import { complaintOf, deliver } from '../support/inbound.ts'
import { story } from '../support/lab-answers.ts'
import type { MxScript } from '../support/mx.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(120_000)

/** A provider that is known may report from the beginning. */
const PROVIDER = `
[[provider]]
name = "big"
mx = ["example.net"]
connections = 20
`
const CONFIG = { 'delivery.warmup': 'off', 'server.operator': 'operator@elsewhere.example' }
const marketing = { stream: 'marketing' } as const

const recipients = (count: number, name = 'reader'): string[] =>
  Array.from({ length: count }, (_, nth) => `${name}${nth}@example.net`)

const states = async (lab: Lab) =>
  must(await lab.admin.sendingList({ account: null })).map(
    ({ kind, name, state }) => `${kind} ${name} ${state}`,
  )

const stands = (lab: Lab, wanted: readonly string[]): Promise<void> =>
  lab.meanwhile(until(`${wanted} stands`, async () => Bun.deepEquals(await states(lab), wanted)))

async function complained(lab: Lab, count: number, from = 0): Promise<void> {
  for (const { reversePath } of lab.mx.messages.slice(from, from + count)) {
    const message = complaintOf('Subject: redacted', `Original-Mail-From: <${reversePath}>\n`)
    await deliver(lab, { to: ['fbl@mail.lab.test'], message })
  }
}

test('three complaints of a thousand delivered pause marketing mail, and only that', async () => {
  await using lab = await startLab({ toml: PROVIDER, config: CONFIG })
  await lab.ended(await lab.sent({ ...marketing, to: recipients(1_000) }))
  const from = lab.mx.messages.length
  await complained(lab, 2)
  await lab.advance(20_000)
  expect(await states(lab)).toEqual([])
  await complained(lab, 1, 2)
  // The limit is crossed; a minute is promised.
  const began = lab.clock.now()
  await stands(lab, ['domain example.com paused'])
  expect(lab.clock.now() - began).toBeLessThan(60_000)

  const refused = await lab.send({ ...marketing, to: 'next@example.net' })
  expect(refused.status).toBe(403)
  expect(refused.body.error).toMatchObject({ code: 'sending_paused' })
  expect(refused.body.error.message).toContain('3 of 1,000 mails were marked as spam')
  const letter = { from: 'shop@example.com', to: 'next@example.net', subject: 'x', text: 'x' }
  const headers = { 'X-MailWok-Stream': 'marketing' }
  const over = await lab
    .submit({ ...letter, headers })
    .catch((error: { responseCode?: number; response?: string }) => error)
  expect(over).toMatchObject({
    responseCode: 450,
    response: expect.stringContaining('450 4.7.1 Marketing mail of example.com is paused'),
  })
  await lab.ended(await lab.sent({ to: 'login@example.net' }))
  expect(lab.mx.messages.length).toBeGreaterThan(from)
  const told = await lab.fetch('/v1/stats/sending', { headers: AUTHORIZED })
  expect(await told.json()).toMatchObject({
    success: true,
    data: [{ kind: 'domain', name: 'example.com', state: 'paused' }],
  })

  // It survives a restart, and the door knows at once.
  await lab.stop()
  await lab.start()
  expect((await lab.send({ ...marketing, to: 'next@example.net' })).status).toBe(403)

  must(await lab.admin.sendingResume({ name: 'example.com', account: null }))
  expect(await states(lab)).toEqual(['domain example.com resumed'])
  await lab.ended(await lab.sent({ ...marketing, to: 'next@example.net' }))
  await lab.advance(120_000)
  expect(await states(lab)).toEqual(['domain example.com resumed'])
})

test('ten dead addresses of two hundred pause it; what was accepted waits, and goes on', async () => {
  const at: MxScript['at'] = (moment, { line }) => {
    if (moment !== 'RCPT') return undefined
    if (line.includes('<dead')) return '550 5.1.1 no such user'
    return line.includes('<later') && isLate ? '450 4.2.0 come again' : undefined
  }
  let isLate = true
  await using lab = await startLab({ toml: PROVIDER, config: CONFIG, mx: { at } })
  const waiting = await lab.sent({ ...marketing, to: 'later@example.net' })
  const login = await lab.sent({ to: 'later-login@example.net' })
  await lab.tried(waiting, 1)
  await lab.tried(login, 1)
  await lab.ended(await lab.sent({ ...marketing, to: [...recipients(190), ...recipients(10, 'dead')] }))
  await stands(lab, ['domain example.com paused'])
  const [row] = must(await lab.admin.sendingList({ account: null }))
  expect(row?.reason).toContain('10 of 200 mails went to addresses that do not exist: 5 %')

  isLate = false
  await lab.advance(10 * 60_000)
  expect(story(await lab.ended(login))).toEqual(['queued', 'deferred', 'delivered'])
  const view = await lab.message(waiting)
  expect(view.status).toBe('queued')
  const { what_happens_next: next } =
    must(await lab.admin.messageExplain({ id: waiting })).recipients[0] ?? {}
  expect(String(next)).toContain('is paused since')

  must(await lab.admin.sendingResume({ name: 'example.com', account: 'default' }))
  expect(story(await lab.ended(waiting))).toEqual(['queued', 'deferred', 'delivered'])
  expect(await lab.admin.sendingResume({ name: 'example.com', account: null })).toMatchObject({
    ok: false,
    error: { code: 'not_found', message: 'nothing of the name example.com is paused; nothing is' },
  })
})
