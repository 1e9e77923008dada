import { afterEach, expect, test } from 'bun:test'
import type { EventId, MessageId } from '../../../src/core/ids.ts'
import { fault, ok } from '../../../src/core/result.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/core/time.ts'
import type { WebhookId } from '../../../src/core/webhook.ts'
import type { OutgoingHttp } from '../../../src/net/http/outgoing.ts'
import { WebhookBook } from '../../../src/services/webhooks/book.ts'
import { Poster } from '../../../src/services/webhooks/poster.ts'
import { LEASE, WebhookPosting } from '../../../src/services/webhooks/posting.ts'
import { webhooksOn } from '../../../src/store/directory/webhooks.ts'
import type { LogCursor } from '../../../src/store/log-store.ts'
import type { NewPost } from '../../../src/store/webhook-store.ts'
import { noMeter, quietLog } from '../../edge/smtpd/agent.ts'
import { ACCOUNT } from '../../store/contract/samples.ts'
import { handClock } from '../../support/clock.ts'
import { memoryExecutor } from '../../support/directory.ts'
import { knownHook } from '../../support/known-hook.ts'
import { until } from '../../support/until.ts'

type Answer = Awaited<ReturnType<OutgoingHttp['post']>>
const answered = (status: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  ok({ status, headers, body: Buffer.alloc(0), address: '' })

const open: WebhookPosting[] = []
afterEach(async () => {
  for (const posting of open.splice(0)) await posting.stop()
})

const idOf = (name: string) => `whk_${name}` as WebhookId

async function rig(
  names: readonly string[],
  answer: (url: string, body: string, signal?: AbortSignal) => Promise<Answer>,
) {
  const clock = handClock(Date.UTC(2026, 0, 2))
  const store = webhooksOn('sqlite', memoryExecutor().executor)
  for (const name of names) {
    await store.add(
      knownHook({ id: idOf(name), url: `https://${name}.example/`, secret: Buffer.alloc(32, 1) }),
    )
  }
  const book = new WebhookBook({ store, open: (_, sealed) => ok(sealed), clock, log: quietLog })
  await book.read()
  const tried: { readonly url: string; readonly body: string; readonly at: number }[] = []
  const alerts: string[] = []
  const http: Pick<OutgoingHttp, 'post'> = {
    post(url, { body, signal }) {
      tried.push({ url, body: String(body), at: clock.now() })
      return answer(url, String(body), signal)
    },
  }
  const poster = new Poster({ http, clock, agent: 'MailWok/test' })
  const alert = async (subject: string) => alerts.push(subject)
  const parts = { store, book, poster, clock, dice: () => 0.5, log: quietLog, meter: noMeter, alert }
  const posting = new WebhookPosting(parts)
  open.push(posting)
  posting.start()
  let number = 0
  let place = ''
  /** As the follower does it. */
  const tell = async (name: string, message = `${++number}`) => {
    const hook = book.get(idOf(name))
    if (hook === null) throw new Error(name)
    const isGranted = posting.grant(hook)
    const now = clock.now()
    const post: NewPost = {
      webhookId: hook.id,
      eventId: `evt_${String(++number).padStart(12, '0')}` as EventId,
      replay: 0,
      accountId: ACCOUNT,
      messageId: `msg_${message}` as MessageId,
      body: `${number}`,
      dueAt: isGranted ? now + LEASE : now,
      createdAt: now,
    }
    const next = String(number)
    await store.append([post], { follower: 'webhooks', from: place as LogCursor, to: next as LogCursor })
    place = next
    posting.hand(isGranted ? [{ ...post, attempts: 0 }] : [], true)
    if (!isGranted) posting.wake()
  }
  return { alerts, book, clock, posting, store, tell, tried }
}

/** Hangs until it is called off. */
const hang = async (signal?: AbortSignal): Promise<Answer> => {
  await new Promise((aborted) => signal?.addEventListener('abort', aborted))
  return fault({ kind: 'aborted', detail: '' })
}

test('nine hundred endpoints that hang delay none of the other hundred', async () => {
  const hung = Array.from({ length: 900 }, (_, at) => `hung${at}`)
  const well = Array.from({ length: 100 }, (_, at) => `well${at}`)
  const { clock, store, tell, tried } = await rig([...hung, ...well], (url, _, signal) =>
    url.includes('hung') ? hang(signal) : Promise.resolve(answered(200)),
  )
  const began = clock.now()
  for (const name of hung) for (let times = 0; times < 3; times++) await tell(name)
  for (let times = 0; times < 5; times++) for (const name of well) await tell(name)
  await until('the others have all', () => tried.filter(({ url }) => url.includes('well')).length === 500)
  await until('and it is stored', async () => (await store.countWaiting()) === 2700)
  expect(clock.now() - began).toBe(0)
  expect(tried.filter(({ url }) => url.includes('hung'))).toHaveLength(900)
}, 60_000)

test('a burst for one endpoint is brought through, of one message one at a time and in order', async () => {
  const underWay = new Set<string>()
  const seen: number[] = []
  let most = 0
  const { store, tell, tried } = await rig(['a'], async (_, body) => {
    if (Number(body) % 2 === 1) expect(underWay.has('odd')).toBe(false)
    if (Number(body) % 2 === 1) {
      underWay.add('odd')
      seen.push(Number(body))
    }
    most = Math.max(most, tried.length)
    await new Promise((turn) => setImmediate(turn))
    if (Number(body) % 2 === 1) underWay.delete('odd')
    return answered(200)
  })
  for (let at = 0; at < 300; at++) await tell('a', 'same')
  await until('all were brought', async () => (await store.countWaiting()) === 0)
  expect(tried).toHaveLength(300)
  expect(seen).toEqual([...seen].sort((one, other) => one - other))
})

test('Retry-After is honoured, and holds back what else waits for that endpoint', async () => {
  const answers = [answered(429, { 'retry-after': '600' })]
  const { clock, store, tell, tried } = await rig(['a'], async () => answers.shift() ?? answered(200))
  await tell('a')
  await until('it was tried', () => tried.length === 1)
  await tell('a')
  await until('both were brought', async () => {
    clock.advance(5 * SECOND)
    return (await store.countWaiting()) === 0
  })
  const [first, ...others] = tried
  for (const { at } of others) expect(at - (first?.at ?? 0)).toBeGreaterThanOrEqual(10 * MINUTE)
})

test('after three days without one that was taken it is disabled, and told once', async () => {
  const { alerts, book, clock, store, tell, tried } = await rig(['a'], async () => answered(500))
  for (let hours = 0; hours <= 80 && alerts.length === 0; hours++) {
    const before = tried.length
    await tell('a')
    await until('it was tried', () => {
      clock.advance(20 * SECOND)
      return tried.length > before || alerts.length > 0
    })
    clock.advance(HOUR)
    await new Promise((turn) => setImmediate(turn))
  }
  expect(alerts).toEqual(['The webhook whk_a is disabled'])
  expect((tried[tried.length - 1]?.at ?? 0) - (tried[0]?.at ?? 0)).toBeGreaterThanOrEqual(3 * DAY)
  expect((await store.list(null))[0]).toMatchObject({ state: 'disabled' })
  expect(book.of(ACCOUNT)).toEqual([])
}, 60_000)

test('one that is taken again is well, and failed posts come until three days are over', async () => {
  let isUp = false
  const { clock, store, tell, tried } = await rig(['a'], async () => answered(isUp ? 200 : 503))
  await tell('a')
  await until('it was tried', () => tried.length === 1)
  await until('it is noted', async () => (await store.list(null))[0]?.failingSince === clock.now())
  isUp = true
  await until('it was brought', async () => {
    clock.advance(SECOND)
    return (await store.countWaiting()) === 0
  })
  await until('it is well', async () => (await store.list(null))[0]?.failingSince === null)
})

test('a clock that is set ahead gives up nothing and disables nobody', async () => {
  let isUp = false
  const { alerts, clock, store, tell, tried } = await rig(['a'], async () => answered(isUp ? 200 : 503))
  await tell('a')
  await until('it is noted', async () => (await store.list(null))[0]?.failingSince === clock.now())
  clock.jump(4 * DAY)
  await until('it was tried again', () => {
    clock.advance(SECOND)
    return tried.length === 2
  })
  await tell('a')
  isUp = true
  await until('both were brought', async () => {
    clock.advance(SECOND)
    return (await store.countWaiting()) === 0
  })
  const posts = await store.posts({ webhookId: idOf('a'), limit: 9, state: null, after: null })
  expect(posts.map(({ state }) => state)).toEqual(['taken', 'taken'])
  expect(alerts).toEqual([])
})

test('a clock that is set back makes nothing wait for the day that was taken away', async () => {
  const answers = [answered(503)]
  const { clock, store, tell, tried } = await rig(['a'], async () => answers.shift() ?? answered(200))
  await tell('a')
  await until('it is noted', async () => (await store.list(null))[0]?.failingSince === clock.now())
  clock.jump(-DAY)
  const began = clock.monotonic()
  await until('it was tried again', () => {
    clock.advance(SECOND)
    return tried.length === 2
  })
  expect(clock.monotonic() - began).toBeLessThan(MINUTE)
  await until('it was brought', async () => (await store.countWaiting()) === 0)
})

test('who asks for longer than there is time left is asked a last time', async () => {
  const { clock, store, tell, tried } = await rig(['a'], async () =>
    answered(503, { 'retry-after': '999999999' }),
  )
  await tell('a')
  await until('all is over', async () => {
    clock.advance(10 * MINUTE)
    await new Promise((turn) => setImmediate(turn))
    return (await store.countWaiting()) === 0
  })
  expect(tried.map(({ at }) => Math.round((at - (tried[0]?.at ?? 0)) / DAY))).toEqual([0, 1, 2, 3])
}, 60_000)
