import { afterEach, expect, test } from 'bun:test'
import type { AccountId } from '../../../src/core/ids.ts'
import { fault, ok } from '../../../src/core/result.ts'
import { DAY, MINUTE, SECOND } from '../../../src/core/time.ts'
import type { OutgoingHttp } from '../../../src/net/http/outgoing.ts'
import { Posting } from '../../../src/services/inbound/posting.ts'
import { directoryOf } from '../../../src/store/directory/directory.ts'
import { inboundOn } from '../../../src/store/directory/inbound.ts'
import type { InboundPost, InboundRouteId, InboundStore } from '../../../src/store/inbound-store.ts'
import { noMeter, quietLog } from '../../edge/smtpd/agent.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { memoryExecutor } from '../../support/directory.ts'
import { until } from '../../support/until.ts'

type Answer = Awaited<ReturnType<OutgoingHttp['post']>>
const answered = (status: number): Answer => ok({ status, headers: {}, body: Buffer.alloc(0), address: '' })
const ACCOUNT = 'acc_000000000001' as AccountId

interface Rig {
  readonly clock: HandClock
  readonly store: InboundStore
  readonly urls: string[]
  readonly alerts: string[]
  readonly posting: Posting
  add(id: string, host: string): Promise<void>
}

const open: Rig[] = []
afterEach(async () => {
  for (const { posting } of open.splice(0)) await posting.stop()
})

async function rig(answer: (url: string, signal?: AbortSignal) => Promise<Answer>): Promise<Rig> {
  const clock = handClock(Date.UTC(2026, 0, 2))
  const { executor } = memoryExecutor()
  const store = inboundOn('sqlite', executor)
  const account = { id: ACCOUNT, name: 'a', plan: 'unlimited', createdAt: 0 }
  await directoryOf('sqlite', executor).addAccount(account)
  const urls: string[] = []
  const alerts: string[] = []
  const posting = new Posting({
    store,
    http: {
      post(url, options) {
        urls.push(url)
        return answer(url, options.signal)
      },
    },
    secretKeys: [Buffer.alloc(32, 1)],
    agent: 'MailWok/test',
    clock,
    dice: () => 0.5,
    log: quietLog,
    meter: noMeter,
    alert: async (subject) => alerts.push(subject),
  })
  const add = async (id: string, host: string): Promise<void> => {
    const routeId = `rte_${host}` as InboundRouteId
    const route = { id: routeId, accountId: ACCOUNT, pattern: `x@${host}`, closed: false, createdAt: 0 }
    await store.addRoute({ ...route, action: 'webhook', target: `https://${host}/` })
    const now = clock.now()
    const post: InboundPost = {
      id,
      routeId,
      accountId: ACCOUNT,
      body: '{}',
      attempts: 0,
      dueAt: now,
      createdAt: now,
      lastError: '',
    }
    await store.addPost(post)
    posting.wake()
  }
  const made = { clock, store, urls, alerts, posting, add }
  open.push(made)
  return made
}

test('410 closes the route: it is told once, nobody is asked, and letters wait for three days', async () => {
  const { add, alerts, clock, posting, store, urls } = await rig(async () => answered(410))
  for (const id of ['in_1', 'in_2', 'in_3']) await add(id, 'a.example')
  await until('it is closed', () => alerts.length === 1)
  expect((await store.routes(null))[0]?.closed).toBe(true)
  const asked = urls.length
  await until('all are parked', async () => {
    clock.advance(SECOND)
    return ((await store.nextPostDueAt([])) ?? 0) > clock.now() + 2 * DAY
  })
  expect(urls).toHaveLength(asked)
  clock.advance(3 * DAY)
  posting.wake()
  await until('they are given up', async () => (await store.countPosts()).failed === 3)
  expect(urls).toHaveLength(asked)
  expect(alerts).toEqual(['The webhook for x@a.example is gone'])
})

test('a redirect and a fault are no delivery, and come again', async () => {
  const answers = [answered(301), fault({ kind: 'connect', detail: 'refused' } as const), answered(204)]
  const tried: number[] = []
  const { add, clock, store } = await rig(async () => {
    tried.push(clock.now())
    return answers.shift() ?? answered(200)
  })
  await add('in_1', 'a.example')
  await until('it is delivered', async () => {
    clock.advance(SECOND)
    return (await store.countPosts()).waiting === 0
  })
  const [first = 0, second = 0, third = 0] = tried
  expect(tried).toHaveLength(3)
  expect(second - first).toBeGreaterThanOrEqual(5 * SECOND)
  expect(third - second).toBeGreaterThanOrEqual(MINUTE)
})

/** Hangs until it is called off. */
const hang = async (signal?: AbortSignal): Promise<Answer> => {
  await new Promise((aborted) => signal?.addEventListener('abort', aborted))
  return fault({ kind: 'aborted', detail: '' })
}

test('an endpoint that hangs holds one post, and no other endpoint', async () => {
  const { add, store, urls } = await rig((url, signal) =>
    url.includes('hung') ? hang(signal) : Promise.resolve(answered(200)),
  )
  for (let at = 0; at < 30; at++) await add(`in_hung${at}`, 'hung.example')
  await add('in_1', 'a.example')
  await until('the healthy one has it', () => urls.includes('https://a.example/'))
  expect(urls.filter((url) => url.includes('hung'))).toHaveLength(1)
  expect((await store.countPosts()).waiting).toBe(30)
})

test('five hundred endpoints that hang delay nobody', async () => {
  const { add, clock, urls } = await rig((url, signal) =>
    url.includes('hung') ? hang(signal) : Promise.resolve(answered(200)),
  )
  for (let at = 0; at < 500; at++) {
    await add(`in_hung${at}`, `hung${at}.example`)
    await add(`in_again${at}`, `hung${at}.example`)
  }
  for (let at = 0; at < 20; at++) await add(`in_${at}`, 'a.example')
  const began = clock.now()
  await until('the healthy one has all', () => urls.filter((url) => url.includes('a.example')).length === 20)
  expect(clock.now() - began).toBe(0)
})

test('an endpoint that answers gets what waits for it one after the other, two at a time', async () => {
  let underWay = 0
  let most = 0
  const { add, clock, store } = await rig(async () => {
    most = Math.max(most, ++underWay)
    await new Promise((done) => setImmediate(done))
    underWay--
    return answered(200)
  })
  const began = clock.now()
  for (let at = 0; at < 100; at++) await add(`in_${at}`, 'a.example')
  await until('all were delivered', async () => (await store.countPosts()).waiting === 0)
  expect(clock.now() - began).toBe(0)
  expect(most).toBe(2)
})

test('an endpoint that fails rests, however many letters wait for it', async () => {
  const { add, clock, store, urls } = await rig(async () => answered(503))
  for (let at = 0; at < 50; at++) await add(`in_${at}`, 'down.example')
  const began = clock.now()
  await until('it was asked again', async () => {
    clock.advance(SECOND)
    await store.countPosts()
    return urls.length === 2
  })
  expect(clock.now() - began).toBeGreaterThanOrEqual(5 * SECOND)
  for (let at = 0; at < 60; at++) {
    clock.advance(MINUTE)
    await new Promise((done) => setImmediate(done))
  }
  // 50 letters, each due again and again within the hour.
  expect(urls.length).toBeLessThan(30)
})
