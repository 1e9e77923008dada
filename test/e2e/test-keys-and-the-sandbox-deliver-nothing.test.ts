import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import { TEST_KEY } from '../support/lab-folder.ts'

const TEST = { authorization: `Bearer ${TEST_KEY}` }
const POOLS = `[[source]]\naddress = "127.0.0.1"\nhostname = "a.lab.test"\n[[source]]\naddress = "127.0.0.2"\nhostname = "b.lab.test"\npool = "slow"\n[[pool]]\nname = "slow"\n`

test('what a test key sends looks delivered and never leaves, whoever it is from and however it is asked for', async () => {
  await using lab = await startLab({ config: { 'domains.require_verification': 'true' }, toml: POOLS })
  const asked = [
    {},
    { from: 'anybody@bank.test' },
    { from: 'anybody@bank.test', stream: 'marketing', html: '<a href="https://a.example/">a</a>' },
    { cc: 'c@example.net', bcc: ['b@example.net', 'd@nowhere.test'] },
    { campaign: 'spring', ip_pool: 'slow' },
    { stream: 'marketing', tags: ['a'], custom: { order: 7 }, html: '<a href="https://a.example/">a</a>' },
  ]
  for (const fields of asked) {
    const { status, body } = await lab.send(fields, TEST)
    expect([fields, status]).toEqual([fields, 200])
    const view = await lab.ended(body.message_id)
    expect(view.deliveries.map((delivery) => delivery.status)).toEqual(view.deliveries.map(() => 'delivered'))
    expect(view.deliveries.flatMap(({ attempts }) => attempts.map(({ mx, ip }) => [mx, ip]))).toEqual(
      view.deliveries.map(() => [null, null]),
    )
  }
  // Time for whatever had been put off.
  await lab.advance(10 * 60_000)
  expect(lab.mx.connections).toBe(0)
  expect(lab.dns.questions.filter(({ name }) => /example\.net|nowhere\.test/.test(name))).toEqual([])
})

test('by SMTP as well, from any author to anybody', async () => {
  await using lab = await startLab({ config: { 'domains.require_verification': 'true' }, toml: POOLS })
  const to = ['a@example.net', 'b@nowhere.test']
  const headers = { 'X-MailWok-IP-Pool': 'slow', 'X-MailWok-Tags': 'a' }
  for (const from of ['shop@example.com', 'anybody@bank.test']) {
    const reply = await lab.submit(
      { from, to, bcc: 'hidden@example.net', text: 'by SMTP', headers },
      TEST_KEY,
    )
    const id = /msg_[0-9a-z]{12}/.exec(reply)?.[0] ?? ''
    const view = await lab.ended(id)
    expect(story(view).filter((one) => one === 'delivered')).toHaveLength(3)
  }
  await lab.advance(10 * 60_000)
  expect(lab.mx.connections).toBe(0)
})

test('what a test key plays tells nothing of how long real mail takes', async () => {
  await using lab = await startLab({ mx: { at: { RCPT: '450 4.2.1 later' } } })
  const estimate = async (headers = {}) => (await lab.send({}, headers)).body.estimated_delivery
  const before = await estimate()
  const { body } = await lab.send({}, TEST)
  await lab.ended(body.message_id)
  expect(await estimate()).toBe(before)
  expect(before).not.toBe('<200ms')
})
