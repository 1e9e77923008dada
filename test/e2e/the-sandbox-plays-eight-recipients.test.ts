import { expect, test } from 'bun:test'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { hook, verified } from '../support/hook.ts'
import { LAB_KEY, TEST_KEY } from '../support/lab-folder.ts'
import { until } from '../support/until.ts'

const SANDBOX = 'sandbox.mailwok.test'
const EVERYTHING = [
  'email.delivered',
  'email.deferred',
  'email.bounced',
  'email.opened',
  'email.clicked',
  'email.complained',
  'email.unsubscribed',
  'email.suppressed',
] as const

/** What each recipient is to be heard of, in this order. */
const PLAYS = {
  delivered: ['email.delivered'],
  'bounce-hard': ['email.bounced'],
  'bounce-soft': ['email.bounced'],
  defer: ['email.deferred', 'email.delivered'],
  complain: ['email.delivered', 'email.complained'],
  open: ['email.delivered', 'email.opened'],
  click: ['email.delivered', 'email.clicked'],
  unsubscribe: ['email.delivered', 'email.unsubscribed'],
} as const
type Player = keyof typeof PLAYS
const PLAYERS = Object.keys(PLAYS) as readonly Player[]

interface Told {
  readonly event: string
  readonly timestamp: string
  readonly message_id: string
  readonly recipient: string
  readonly metadata: { readonly ip: string | null; readonly user_agent: string | null }
  readonly test: boolean
  readonly bounce?: { readonly type: string; readonly reason: string }
  readonly [more: string]: unknown
}

/** A lab with an application whose webhook hears everything; each body is one that the official library believes. */
async function stage() {
  const program = hook()
  const lab = await startLab({ config: { 'webhooks.allow': program.place } })
  const ask = { account: 'default', url: program.url, events: [...EVERYTHING], note: '' }
  const { secret } = must(await lab.admin.webhookAdd(ask))
  const told = (): Told[] => program.got.map((got) => verified(secret, got) as Told)
  const heard = (id: string, recipient: string) =>
    told().filter((one) => one.message_id === id && one.recipient === recipient)
  return {
    lab,
    heard,
    /** When that much was heard of a recipient. */
    when: async (id: string, recipient: string, count: number) => {
      const come = until(`${recipient} is heard of`, () => heard(id, recipient).length >= count)
      await lab.meanwhile(come)
      return heard(id, recipient)
    },
    [Symbol.asyncDispose]: async () => {
      await lab[Symbol.asyncDispose]()
      await program[Symbol.asyncDispose]()
    },
  }
}

const sentBy = async (lab: Lab, key: string, fields: object): Promise<string> => {
  const { status, body } = await lab.send({ ...fields }, { authorization: `Bearer ${key}` })
  if (status !== 200) throw new Error(`${status} ${body.error.message}`)
  return body.message_id
}

test.each([
  ['live', LAB_KEY],
  ['test', TEST_KEY],
])('with a %s key all eight are played, and signed webhooks tell it', async (mode, key) => {
  await using on = await stage()
  const to = PLAYERS.map((name) => `${name}@${SANDBOX}`)
  const html =
    '<p>See <a href="mailto:a@b.example">us</a> or <a href="https://shop.example/a?b=1&amp;c=2">it</a></p>'
  const id = await sentBy(on.lab, key, { to, html })
  for (const name of PLAYERS) {
    const got = await on.when(id, `${name}@${SANDBOX}`, PLAYS[name].length)
    expect(got.map(({ event }) => event)).toEqual([...PLAYS[name]])
    expect(got.every((one) => one.test === (mode === 'test'))).toBe(true)
  }
  const last = (name: Player) => on.heard(id, `${name}@${SANDBOX}`).at(-1)
  expect(last('bounce-hard')?.bounce).toMatchObject({ type: 'hard', reason: 'mailbox_unknown' })
  expect(last('bounce-soft')?.bounce).toMatchObject({ type: 'soft', reason: 'mailbox_full' })
  for (const name of ['open', 'click', 'unsubscribe'] as const) {
    expect(last(name)?.metadata.ip).toMatch(/^203\.0\.113\.\d+$/)
    expect(last(name)?.metadata.user_agent).toMatch(/^Mozilla\/5\.0 \(/)
  }
  expect(last('open')).toMatchObject({ machine: false, machine_why: [] })
  expect(last('click')).toMatchObject({ machine: false, url: 'https://shop.example/a?b=1&c=2' })
  expect(last('complain')).toMatchObject({ feedback_type: 'abuse', reporter: SANDBOX })
  expect(last('unsubscribe')).toMatchObject({ by: 'one-click', scope: 'marketing' })
  // A moment later, not in the same one.
  const [delivered, opened] = on.heard(id, `open@${SANDBOX}`).map(({ timestamp }) => Date.parse(timestamp))
  expect((opened ?? 0) - (delivered ?? 0)).toBeGreaterThanOrEqual(1000)
  expect(on.lab.mx.connections).toBe(0)
})

test('played again it plays again: nobody of the sandbox is on the list', async () => {
  await using on = await stage()
  for (const name of ['bounce-hard', 'complain', 'unsubscribe'] as const) {
    for (const _ of ['first', 'second', 'third']) {
      const id = await sentBy(on.lab, LAB_KEY, { to: `${name}@${SANDBOX}` })
      const got = await on.when(id, `${name}@${SANDBOX}`, PLAYS[name].length)
      expect(got.map(({ event }) => event)).toEqual([...PLAYS[name]])
    }
  }
  await on.lab.advance(5000)
  const list = must(
    await on.lab.admin.suppressionList({
      account: 'default',
      limit: 50,
      after: null,
      reason: null,
      scope: null,
      domain: null,
      include_expired: true,
    }),
  )
  expect(list.entries).toEqual([])
})

test('whom a person put on the list is suppressed, in the sandbox too', async () => {
  await using on = await stage()
  const recipient = `delivered@${SANDBOX}`
  const entry = { address: recipient, scope: null, reason: null, note: null, expires_at: null }
  must(await on.lab.admin.suppressionPut({ account: 'default', entries: [entry], dry_run: false }))
  const id = await sentBy(on.lab, TEST_KEY, { to: recipient })
  expect((await on.when(id, recipient, 1)).map(({ event }) => event)).toEqual(['email.suppressed'])
})

test('tags tell copies apart, and case does not matter', async () => {
  await using on = await stage()
  const to = [`Open+1@${SANDBOX}`, `OPEN+2@Sandbox.MailWok.test`, `bounce-HARD+x@${SANDBOX}`]
  const id = await sentBy(on.lab, TEST_KEY, { to })
  const last = async (recipient: string, count: number) => (await on.when(id, recipient, count)).at(-1)?.event
  expect(await last(`Open+1@${SANDBOX}`, 2)).toBe('email.opened')
  expect(await last(`OPEN+2@${SANDBOX}`, 2)).toBe('email.opened')
  expect(await last(`bounce-HARD+x@${SANDBOX}`, 1)).toBe('email.bounced')
})

test('mail without a link is clicked at the public address, and the first link of an SMTP message is found', async () => {
  await using on = await stage()
  const bare = await sentBy(on.lab, TEST_KEY, {
    to: `click@${SANDBOX}`,
    text: 'https://shop.example/only-text',
  })
  expect((await on.when(bare, `click@${SANDBOX}`, 2)).at(-1)).toMatchObject({ url: 'https://mail.lab.test' })
  const html = `<p>${'ü'.repeat(80)} <a href="https://shop.example/smtp">here</a></p>`
  const reply = await on.lab.submit({ to: `click@${SANDBOX}`, html, text: 'x' }, TEST_KEY)
  const id = /msg_[0-9a-z]{12}/.exec(reply)?.[0] ?? ''
  expect((await on.when(id, `click@${SANDBOX}`, 2)).at(-1)).toMatchObject({
    url: 'https://shop.example/smtp',
  })
})

test('what waits for its moment is played when the node stops', async () => {
  await using on = await stage()
  const id = await on.lab.sent({ to: `open@${SANDBOX}` })
  await on.lab.ended(id)
  await on.lab.stop()
  await on.lab.start()
  const { events } = await on.lab.message(id)
  expect(events.map(({ event }) => event)).toEqual(['email.queued', 'email.delivered', 'email.opened'])
})

test('what was played can be explained, and stands in the message', async () => {
  await using on = await stage()
  const id = await sentBy(on.lab, LAB_KEY, { to: PLAYERS.map((name) => `${name}@${SANDBOX}`) })
  for (const name of PLAYERS) await on.when(id, `${name}@${SANDBOX}`, PLAYS[name].length)
  const { recipients } = must(await on.lab.admin.messageExplain({ id }))
  const said = new Map(recipients.map((one) => [one.recipient, one.what_happened]))
  for (const name of ['open', 'click', 'unsubscribe'] as const) {
    expect(said.get(`${name}@${SANDBOX}`)).toContain('Nothing left this machine')
  }
  expect(said.get(`complain@${SANDBOX}`)).toContain('reported it as unwanted')
  const { events } = await on.lab.message(id)
  expect(events.filter(({ event }) => event !== 'email.queued')).toHaveLength(
    Object.values(PLAYS).flat().length,
  )
})
