import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { AccountId, DeliveryId } from '../../../src/core/ids.ts'
import type { Stream } from '../../../src/core/message.ts'
import { Line, type Ready } from '../../../src/services/queue/line.ts'
import { aDelivery } from '../../support/deliveries.ts'

interface Of {
  readonly account?: string
  readonly campaign?: string | null
  readonly stream?: Stream
  readonly route?: string
}

const ready = (name: string, of: Of = {}): Ready => ({
  delivery: aDelivery({
    id: name as DeliveryId,
    accountId: (of.account ?? 'acc_a') as AccountId,
    campaign: of.campaign ?? null,
    stream: of.stream ?? 'transactional',
  }),
  transport: { kind: 'capture', folder: '/nowhere' },
  routeKey: of.route ?? 'mx:25',
})

const ANY = { preferred: null, barred: null }

function takeAll(line: Line, preferred: string | null = null): string[] {
  const names: string[] = []
  for (
    let next = line.take({ preferred, barred: null });
    next;
    next = line.take({ preferred, barred: null })
  ) {
    names.push(next.delivery.id)
  }
  return names
}

function lineOf(...all: readonly Ready[]): Line {
  const line = new Line()
  for (const one of all) line.push(one)
  return line
}

const many = (count: number, name: string, of: Of): Ready[] =>
  Array.from({ length: count }, (_, i) => ready(`${name}${i}`, of))

test('transactional mail goes first, and of twenty messages one is marketing', () => {
  const line = lineOf(...many(10, 'm', { stream: 'marketing' }), ...many(45, 't', {}))
  const order = takeAll(line).map((name) => name[0])
  expect(order.slice(0, 19).every((kind) => kind === 't')).toBe(true)
  expect(order[19]).toBe('m')
  expect(order.slice(0, 40).filter((kind) => kind === 'm').length).toBe(2)
  expect(order.length).toBe(55)
})

test('accounts take turns, however much one of them has; within an account its campaigns', () => {
  const line = lineOf(
    ...many(100, 'a', { account: 'acc_a', campaign: 'x', stream: 'marketing' }),
    ...many(4, 'b', { account: 'acc_a', campaign: 'y', stream: 'marketing' }),
    ...many(4, 'c', { account: 'acc_b', stream: 'marketing' }),
  )
  expect(takeAll(line).slice(0, 8)).toEqual(['a0', 'c0', 'b0', 'c1', 'a1', 'c2', 'b1', 'c3'])
})

test('mail for the hosts that a slot is connected to comes first, if somebody near the head has some', () => {
  const line = lineOf(
    ready('one', { account: 'acc_1', route: 'x:25' }),
    ready('two', { account: 'acc_2', route: 'y:25' }),
    ready('six', { account: 'acc_6', route: 'y:25' }),
  )
  expect(line.take({ preferred: 'y:25', barred: null })?.delivery.id as string).toBe('two')
  // Who was passed over is still first.
  expect(line.take(ANY)?.delivery.id as string).toBe('one')
})

test('barred hosts are passed over, and nothing is taken when only they have mail', () => {
  const line = lineOf(ready('dead', { route: 'x:25' }), ready('live', { route: 'y:25' }))
  const barred = new Set(['x:25'])
  expect(line.take({ preferred: 'x:25', barred })?.delivery.id as string).toBe('live')
  expect(line.take({ preferred: null, barred })).toBeUndefined()
  expect(line.size).toBe(1)
})

const arrivals = fc.array(
  fc.record({
    account: fc.constantFrom('acc_a', 'acc_b', 'acc_c'),
    campaign: fc.constantFrom(null, 'x', 'y'),
    stream: fc.constantFrom<Stream>('transactional', 'marketing'),
    route: fc.constantFrom('r:25', 's:25', 't:25'),
  }),
  { maxLength: 200 },
)

test('whatever comes leaves once, and the counts agree', () => {
  fc.assert(
    fc.property(arrivals, fc.constantFrom(null, 'r:25'), (all, preferred) => {
      const line = lineOf(...all.map((of, i) => ready(`m${i}`, of)))
      expect(line.size).toBe(all.length)
      expect(line.ofAccount('acc_a')).toBe(all.filter(({ account }) => account === 'acc_a').length)
      expect(new Set(takeAll(line, preferred)).size).toBe(all.length)
      expect([line.size, line.ofAccount('acc_a'), line.hasRoute('r:25')]).toEqual([0, 0, false])
    }),
  )
})

test('draining takes out everything', () => {
  fc.assert(
    fc.property(arrivals, (all) => {
      const line = lineOf(...all.map((of, i) => ready(`m${i}`, of)))
      expect(new Set(line.drain().map(({ delivery }) => delivery.id)).size).toBe(all.length)
      expect([line.size, line.take(ANY)]).toEqual([0, undefined])
    }),
  )
})
