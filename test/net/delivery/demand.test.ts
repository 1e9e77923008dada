import { expect, test } from 'bun:test'
import type { TlsaRecord, TlsPolicy } from '../../../src/core/route.ts'
import { demandFor } from '../../../src/net/delivery/demand.ts'
import { orderFor } from '../../support/orders.ts'

const record: TlsaRecord = { usage: 3, selector: 1, matchingType: 1, data: '00' }
const none: TlsPolicy = { kind: 'none', why: 'test' }
const opportunistic: TlsPolicy = { kind: 'opportunistic' }
const required: TlsPolicy = { kind: 'required', why: 'test' }
const verified: TlsPolicy = { kind: 'verified', why: 'test' }
const no = { requireTls: false, tlsOptional: false }
const must = { requireTls: true, tlsOptional: false }
const optional = { requireTls: false, tlsOptional: true }
const both = { requireTls: true, tlsOptional: true }
const auth = { username: 'us', password: 'secret' }

test.each([
  // policy, TLSA of the host, wishes, credentials, address → demand
  [none, undefined, no, null, '192.0.2.1', 'never'],
  [none, [record], no, null, '192.0.2.1', 'never'],
  [none, undefined, must, null, '192.0.2.1', 'verified'],
  [none, undefined, no, auth, '192.0.2.1', 'required'],
  [none, undefined, no, auth, '127.0.0.1', 'never'],
  [none, undefined, no, auth, '::1', 'never'],
  [opportunistic, undefined, no, null, '192.0.2.1', 'if-offered'],
  [opportunistic, undefined, no, auth, '2001:db8::1', 'required'],
  [opportunistic, undefined, no, auth, '127.0.0.1', 'if-offered'],
  [opportunistic, [record], no, null, '192.0.2.1', 'dane'],
  [opportunistic, [], no, null, '192.0.2.1', 'required'],
  [required, undefined, no, null, '192.0.2.1', 'required'],
  [required, [record], no, null, '192.0.2.1', 'dane'],
  [verified, undefined, no, null, '192.0.2.1', 'verified'],
  [verified, undefined, no, auth, '192.0.2.1', 'verified'],
  [verified, [record], no, null, '192.0.2.1', 'dane'],
  [verified, [], no, null, '192.0.2.1', 'verified'],
  [verified, [record], optional, null, '192.0.2.1', 'if-offered'],
  [verified, undefined, optional, auth, '192.0.2.1', 'verified'],
  [opportunistic, undefined, optional, auth, '192.0.2.1', 'required'],
  [none, undefined, optional, null, '192.0.2.1', 'never'],
  [opportunistic, undefined, must, null, '192.0.2.1', 'verified'],
  [opportunistic, [], must, null, '192.0.2.1', 'verified'],
  [opportunistic, [record], must, null, '192.0.2.1', 'dane'],
  [opportunistic, undefined, both, null, '192.0.2.1', 'verified'],
] as const)('%j %j %j %j %s', (...row) => {
  const [tls, tlsa, wishes, credentials, address, want] = row
  const { transport } = orderFor({
    mx: [{ host: address, port: 25 }],
    tls,
    transport: { auth: credentials, via: credentials === null ? 'direct' : 'relay:mx.test' },
  })
  if (transport.kind !== 'mx') throw new Error(transport.kind)
  const host = { exchange: 'mx.test', preference: 10, addresses: [address], ...(tlsa ? { tlsa } : {}) }
  const demand = demandFor({ ...wishes, transport }, host, address)
  expect(demand.wish).toBe(want)
  expect(demand.tlsa).toEqual(want === 'dane' ? [record] : null)
})
