import { expect, test } from 'bun:test'
import { type Lab, startLab } from '../support/appliance.ts'
import { asked, type BounceFacts, bounceOf, deliver, lastReturnPath, letter } from '../support/inbound.ts'
import { story } from '../support/lab-answers.ts'

async function deliveredBy(lab: Lab): Promise<{ readonly id: string; readonly path: string }> {
  const id = await lab.sent()
  await lab.ended(id)
  return { id, path: lastReturnPath(lab) }
}

test('a DSN to the return path bounces what was delivered, with reason, blame and remedy', async () => {
  await using lab = await startLab()
  const { id, path } = await deliveredBy(lab)
  expect(path).toEndWith('@mail.lab.test')
  const message = bounceOf('rcpt@example.net')
  expect(await deliver(lab, { to: [path], message })).toStartWith('250 2.0.0')
  const view = await lab.message(id)
  expect(view.deliveries[0]?.status).toBe('bounced')
  expect(story(view)).toEqual(['queued', 'delivered', 'bounced'])
  expect(view.events.at(-1)).toMatchObject({
    late: true,
    mx: 'inner.example.net',
    bounce: { type: 'hard', reason: 'mailbox_unknown', enhanced_code: '5.1.1' },
  })
  // The peer lost our answer and says it again.
  expect(await deliver(lab, { to: [path], message })).toStartWith('250 2.0.0')
  expect(story(await lab.message(id))).toEqual(['queued', 'delivered', 'bounced'])
})

test.each<[string, BounceFacts]>([
  ['delayed', { action: 'delayed', status: '4.4.1' }],
  ['relayed', { action: 'relayed', status: '2.0.0' }],
  ['delivered', { action: 'delivered', status: '2.0.0' }],
])('a DSN that says %s changes nothing', async (_, facts) => {
  await using lab = await startLab()
  const { id, path } = await deliveredBy(lab)
  expect(await deliver(lab, { to: [path], message: bounceOf('rcpt@example.net', facts) })).toStartWith('250')
  expect(story(await lab.message(id))).toEqual(['queued', 'delivered'])
})

test('a return path without our proof is refused at RCPT, in any case and at any host of ours', async () => {
  await using lab = await startLab()
  const { id, path } = await deliveredBy(lab)
  const [local = '', host = ''] = path.split('@')
  const forged = `${local.slice(0, -1)}${local.endsWith('a') ? 'b' : 'a'}`
  expect(await asked(lab, `${forged}@${host}`)).toBe('550 5.1.1 There is no such mailbox')
  expect(await asked(lab, `${forged}@bounce.example.com`)).toBe('550 5.1.1 There is no such mailbox')
  expect(await asked(lab, `${local}@example.com`)).toBe('550 5.1.1 There is no such mailbox')
  expect(await asked(lab, `${local.toUpperCase()}@bounce.example.com`)).toBe('250 2.1.5 Ok')
  expect(story(await lab.message(id))).toEqual(['queued', 'delivered'])
})

test('an out-of-office answer and a letter to the return path are taken and change nothing', async () => {
  await using lab = await startLab()
  const { id, path } = await deliveredBy(lab)
  const away = letter('Auto-Submitted: auto-replied\nSubject: Out of office', 'I am away until Monday.')
  expect(await deliver(lab, { from: 'rcpt@example.net', to: [path], message: away })).toStartWith('250')
  expect(await deliver(lab, { from: 'rcpt@example.net', to: [path], message: letter() })).toStartWith('250')
  expect(story(await lab.message(id))).toEqual(['queued', 'delivered'])
  await lab.advance(60_000)
  expect(lab.mx.messages).toHaveLength(1)
})

test('a bounce of mail that is not in the store any more is taken, and nobody hears of it', async () => {
  await using lab = await startLab()
  const { path } = await deliveredBy(lab)
  // The same secret, another store.
  await using other = await startLab({ clock: lab.clock })
  expect(await deliver(other, { to: [path], message: bounceOf('rcpt@example.net') })).toStartWith('250')
})

test('a bounce that comes before its delivery is settled is asked to come again', async () => {
  await using lab = await startLab({ mx: { at: { RCPT: '450 4.2.0 later' } } })
  const id = await lab.sent()
  await lab.tried(id, 1)
  const [mail = ''] = lab.mx.commands.filter((line) => line.includes('MAIL FROM'))
  const path = /<(.+)>/.exec(mail)?.[1] ?? ''
  const reply = await deliver(lab, { to: [path], message: bounceOf('rcpt@example.net') })
  expect(reply).toBe('451 4.3.0 Not possible now, try again later')
  expect(story(await lab.message(id))).toEqual(['queued', 'deferred'])
})
