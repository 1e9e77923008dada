import { expect, test } from 'bun:test'
import { AUTHORIZED, type Lab, must, startLab } from '../support/appliance.ts'
import { bounceOf, complaintOf, deliver, lastReturnPath } from '../support/inbound.ts'
import type { MxScript } from '../support/mx.ts'
import { until } from '../support/until.ts'

interface Figures {
  readonly totals: Readonly<Record<string, unknown>>
  readonly names: readonly Readonly<Record<string, unknown>>[]
  readonly counted_until: string
}

const asked = async (lab: Lab, query: string): Promise<Figures> => {
  const answer = await lab.fetch(`/v1/stats${query}`, { headers: AUTHORIZED })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Figures
}

const counted = (lab: Lab, query: string, wanted: (figures: Figures) => boolean): Promise<Figures> =>
  lab.meanwhile(
    (async () => {
      let figures = await asked(lab, query)
      await until('it is counted', async () => {
        figures = await asked(lab, query)
        return wanted(figures)
      })
      return figures
    })(),
  )

test('what became of mail is counted: sent, delivered, bounced, complained of', async () => {
  const at: MxScript['at'] = (moment, { line }) =>
    moment === 'RCPT' && line.includes('nobody@') ? '550 5.1.1 no such user' : undefined
  await using lab = await startLab({ mx: { at } })
  await lab.ended(await lab.sent({ tags: ['welcome'] }))
  const quoted = `Original-Mail-From: <${lastReturnPath(lab)}>\n`
  await deliver(lab, { to: ['fbl@mail.lab.test'], message: complaintOf('Subject: redacted', quoted) })
  await lab.ended(await lab.sent({ to: 'gone@example.net', tags: ['welcome'] }))
  await deliver(lab, { to: [lastReturnPath(lab)], message: bounceOf('gone@example.net') })
  await lab.ended(await lab.sent({ to: 'nobody@example.net' }))

  const { totals } = await counted(lab, '', ({ totals }) => totals['complained'] === 1)
  expect(totals).toMatchObject({
    sent: 3,
    delivered: 2,
    bounced: { total: 2, hard: 2, soft: 0, late: 1, reasons: { mailbox_unknown: 2 } },
    complained: 1,
    opened: { human: 0, unknown: 0, machine: 0 },
  })
  const tags = await asked(lab, '?dimension=tag')
  expect(tags.names).toMatchObject([{ name: 'welcome', sent: 2, delivered: 2, complained: 1 }])
  const providers = await asked(lab, '?dimension=provider')
  expect(providers.names).toMatchObject([{ name: 'example.net', sent: null, delivered: 2 }])
  // Nobody is behind, and what it says is what stands there.
  expect(Date.parse(providers.counted_until)).toBe(lab.clock.now())

  const ask = { from: null, to: null, by: null, dimension: null, name: null, limit: null }
  const shown = must(await lab.admin.statsShow({ account: 'default', ...ask }))
  expect(shown).toMatchObject({ totals: { sent: 3, complained: 1 } })
})

test('figures survive a restart, and nothing counts twice', async () => {
  await using lab = await startLab()
  await lab.ended(await lab.sent())
  await counted(lab, '', ({ totals }) => totals['delivered'] === 1)
  await lab.stop()
  await lab.start()
  await lab.ended(await lab.sent())
  const { totals } = await counted(lab, '', ({ totals }) => totals['delivered'] === 2)
  expect(totals).toMatchObject({ sent: 2, delivered: 2 })
})

test('mail of test keys counts nowhere', async () => {
  await using lab = await startLab()
  const { key } = must(await lab.admin.keyCreate({ account: 'default', name: 'play', mode: 'test' }))
  const played = await lab.send({}, { authorization: `Bearer ${key}` })
  expect(played.status).toBe(200)
  await lab.ended(await lab.sent({ to: 'delivered@sandbox.mailwok.test' }))
  await lab.ended(await lab.sent())
  const { totals } = await counted(lab, '', ({ totals }) => totals['delivered'] === 1)
  expect(totals).toMatchObject({ sent: 1, delivered: 1 })
})
