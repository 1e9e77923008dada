import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'
import { TEST_KEY } from '../support/lab-folder.ts'

const SANDBOX = 'sandbox.mailwok.test'

test('what a test key sends looks delivered and never leaves, whoever it is from', async () => {
  await using lab = await startLab()
  const test = { authorization: `Bearer ${TEST_KEY}` }
  for (const fields of [{}, { from: 'anybody@bank.test' }]) {
    const { status, body } = await lab.send(fields, test)
    expect(status).toBe(200)
    expect(story(await lab.ended(body.message_id))).toEqual(['queued', 'delivered'])
  }
  expect(await lab.submit({ text: 'by SMTP' }, TEST_KEY)).toContain('2.0.0 Ok: queued as msg_')
  expect(lab.mx.connections).toBe(0)
  expect(lab.dns.questions).toEqual([])
})

test('the local part at the sandbox names the outcome, for live keys too', async () => {
  await using lab = await startLab()
  const names = [
    'delivered',
    'bounce-hard',
    'bounce-soft',
    'defer',
    'complain',
    'open',
    'click',
    'unsubscribe',
  ]
  const id = await lab.sent({ to: names.map((name) => `${name}@${SANDBOX}`) })
  const view = await lab.tried(id, 1)
  expect(eventOf(view, 'bounced', `bounce-hard@${SANDBOX}`).bounce.type).toBe('hard')
  expect(eventOf(view, 'bounced', `bounce-soft@${SANDBOX}`).bounce.type).toBe('soft')
  for (const name of ['delivered', 'complain', 'open', 'click', 'unsubscribe']) {
    expect(story(view, `${name}@${SANDBOX}`)).toEqual(['queued', 'delivered'])
  }
  await lab.advance(61_000)
  expect(story(await lab.ended(id), `defer@${SANDBOX}`)).toEqual(['queued', 'deferred', 'delivered'])
  expect(lab.mx.connections).toBe(0)
})
