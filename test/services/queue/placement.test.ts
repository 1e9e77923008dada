import { expect, test } from 'bun:test'
import type { Domain } from '../../../src/core/address.ts'
import type { Route } from '../../../src/core/route.ts'
import { placementOf } from '../../../src/services/queue/placement.ts'
import { aDelivery } from '../../support/deliveries.ts'

const domain = 'example.net' as Domain
const mx: Route = {
  kind: 'mx',
  domain,
  provider: 'provider.example',
  hosts: [{ exchange: 'mx1.provider.example', preference: 10, addresses: ['192.0.2.1'] }],
  port: 25,
  tls: { kind: 'opportunistic' },
  validUntil: 0,
}
const ground = (sources: readonly string[] = []) =>
  ({
    transport: { kind: 'mx', hello: 'client.test', messagesPerConnection: 100 },
    sources,
    waitingAt: () => 0,
  }) as const

test.each([
  [mx, [], { kind: 'lane', provider: 'provider.example', source: null }],
  [{ ...mx, kind: 'implicit-mx' }, ['192.0.2.9'], { kind: 'lane', source: '192.0.2.9' }],
  [mx, ['2001:db8::9'], { kind: 'nowhere', cause: { kind: 'network', at: 'connect' } }],
  [
    { kind: 'null-mx', domain, validUntil: 0 },
    [],
    { kind: 'nowhere', cause: { kind: 'dns', answer: 'null-mx' } },
  ],
  [
    { kind: 'unresolved', domain, answer: 'servfail', validUntil: 0 },
    [],
    { kind: 'nowhere', cause: { kind: 'dns', answer: 'servfail' } },
  ],
] as const)('a route %p with sources %p is placed as %p', (route, sources, want) => {
  expect(placementOf(aDelivery(), route as Route, ground(sources))).toMatchObject(want)
})

test('hosts of one provider share a lane; the same first host shares a connection', () => {
  const placed = placementOf(aDelivery(), mx, ground())
  expect(placed).toMatchObject({ ready: { routeKey: 'mx1.provider.example:25' } })
})

test('capture needs no route', () => {
  const transport = { kind: 'capture', folder: '/captured' } as const
  expect(placementOf(aDelivery(), null, { ...ground(), transport })).toMatchObject({
    kind: 'lane',
    provider: 'capture',
    ready: { transport },
  })
  expect(() => placementOf(aDelivery(), null, ground())).toThrow('without a route')
})
