import { expect, test } from 'bun:test'
import type { SendingDomain } from '../../../src/core/account.ts'
import type { Domain, Mailbox } from '../../../src/core/address.ts'
import type { AccountId, DeliveryId } from '../../../src/core/ids.ts'
import { verpFor } from '../../../src/mail/tracking/verp.ts'
import { wayOutAddress } from '../../../src/mail/tracking/way-out.ts'
import { Recipients } from '../../../src/services/inbound/recipients.ts'
import type { InboundRoute, InboundRouteId } from '../../../src/store/inbound-store.ts'

const OLD = Buffer.alloc(32, 1)
const NEW = Buffer.alloc(32, 2)
const DELIVERY = 'msg_mfxy1234z0ab.3' as DeliveryId
const ADDED: ReadonlySet<string> = new Set(['example.com', 'shop.example.org'])

const route = (pattern: string): InboundRoute => ({
  id: `rte_${pattern}` as InboundRouteId,
  accountId: 'acc_1' as AccountId,
  pattern,
  action: 'forward',
  target: 'team@example.net',
  closed: false,
  createdAt: 0,
})
const ROUTES = [route('*@example.com'), route('abuse@example.com'), route('help@sub.shop.example.org')]

function recipients(hasOperator = true) {
  const asked: string[] = []
  const desk = new Recipients({
    directory: {
      domain: async (name) => {
        asked.push(name)
        return ADDED.has(name) ? ({ name } as SendingDomain) : null
      },
      awaitsReturns: async (name) => {
        asked.push(name)
        return ADDED.has(name)
      },
    },
    store: {
      routesFor: async (patterns) => {
        asked.push(...patterns)
        return ROUTES.filter(({ pattern }) => patterns.includes(pattern))
      },
    },
    hostname: 'mail.example.net',
    verpKeys: [NEW, OLD],
    wayOutKeys: [NEW, OLD],
    hasOperator,
  })
  return { desk, asked }
}

const path = (key: Buffer, host: string): string => verpFor(DELIVERY, host as Domain, key)
const leave = (key: Buffer, host: string): string => `unsub+${wayOutAddress(DELIVERY, key)}@${host}`

test.each([
  [path(NEW, 'mail.example.net'), 'return-path'],
  [path(OLD, 'mail.example.net'), 'return-path'],
  [path(OLD, 'bounce.example.com'), 'return-path'],
  [path(NEW, 'bounce.shop.example.org'), 'return-path'],
  [path(NEW, 'bounce.stranger.example'), 'not-ours'],
  [path(NEW, 'shop.example.org'), 'unknown'],
  [path(Buffer.alloc(32, 3), 'mail.example.net'), 'unknown'],
  [leave(NEW, 'mail.example.net'), 'way-out'],
  [`${leave(OLD, '').toUpperCase()}bounce.example.com`, 'way-out'],
  [leave(NEW, 'bounce.stranger.example'), 'not-ours'],
  [leave(NEW, 'shop.example.org'), 'unknown'],
  [leave(Buffer.alloc(32, 3), 'mail.example.net'), 'unknown'],
  ['unsub+@mail.example.net', 'unknown'],
  ['fbl@mail.example.net', 'feedback'],
  ['FBL@bounce.shop.example.org', 'feedback'],
  ['dmarc@shop.example.org', 'reports'],
  ['tlsrpt@mail.example.net', 'reports'],
  ['postmaster@example.com', 'operator'],
  ['abuse@example.com', 'route abuse@example.com'],
  ['anybody@example.com', 'route *@example.com'],
  ['anybody@shop.example.org', 'unknown'],
  ['help@sub.shop.example.org', 'route help@sub.shop.example.org'],
  ['other@sub.shop.example.org', 'not-ours'],
  ['postmaster@stranger.example', 'not-ours'],
  ['postmaster@example.net', 'not-ours'],
])('%s is %s', async (mailbox, want) => {
  const judged = await recipients().desk.judge(mailbox as Mailbox)
  const { value } = judged.ok ? judged : { value: null }
  const got = value?.kind === 'route' ? `route ${value.route.pattern}` : value?.kind
  expect(judged.ok ? got : judged.error).toBe(want)
})

test('without an operator nobody is in charge', async () => {
  const judged = await recipients(false).desk.judge('postmaster@mail.example.net' as Mailbox)
  expect(judged).toEqual({ ok: false, error: 'unknown' })
})

test('what is there and what is not costs the same look-ups', async () => {
  const counts = []
  for (const mailbox of [
    'fbl@mail.example.net',
    'x@mail.example.net',
    'x@stranger.example',
    'x@example.com',
  ]) {
    const { asked, desk } = recipients()
    await desk.judge(mailbox as Mailbox)
    counts.push(asked.length)
  }
  expect(new Set(counts).size).toBe(1)
})
