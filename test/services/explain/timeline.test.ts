import { expect, test } from 'bun:test'
import { SECOND } from '../../../src/core/time.ts'
import type { Facts } from '../../../src/services/explain/case.ts'
import { delivered, delivery, explained, ID } from '../../support/explained.ts'

const ATTEMPT: Facts['attempts'][number] = {
  deliveryId: ID,
  number: 1,
  outcome: 'delivered',
  startedAt: SECOND,
  endedAt: 2 * SECOND,
  mx: 'mx.example.net',
  address: '192.0.2.1',
  source: '198.51.100.1',
  tls: { version: 'TLSv1.3', cipher: 'x', verified: true },
  peerSoftware: null,
  diagnostic: '250 Ok',
  code: 250,
  enhancedCode: null,
  via: 'direct',
  transcript: '0 MAIL 250 Ok\n4 RCPT 250 Ok\n',
}

test('an attempt tells its way and what was said, and its event is not told twice', () => {
  const told = explained(delivery({ state: 'delivered', attempts: 1 }), [delivered()], {
    attempts: [ATTEMPT],
  })
  expect(told.timeline).toEqual([
    {
      at: '1970-01-01T00:00:01.000Z',
      text: 'Attempt 1 from 198.51.100.1 to mx.example.net [192.0.2.1] over TLSv1.3, certificate verified, was taken after 1 second: 250 Ok',
      transcript: ['0 MAIL 250 Ok', '4 RCPT 250 Ok'],
    },
  ])
})

test.each<[string, Partial<typeof ATTEMPT>, string]>([
  ['in clear', { tls: null }, 'from 198.51.100.1 to mx.example.net [192.0.2.1], not encrypted, was taken'],
  ['to nobody who answered', { tls: null, source: null }, 'to mx.example.net [192.0.2.1] was taken'],
  [
    'by relay',
    { via: 'relay:mx.example.net' },
    'from 198.51.100.1 to mx.example.net [192.0.2.1] (a relay) over TLSv1.3, certificate verified, was taken',
  ],
  ['without a way', { mx: null, address: null, source: null, tls: null }, 'Attempt 1 was taken'],
])('an attempt %s', (_, change, words) => {
  const told = explained(delivery({ state: 'delivered' }), [], { attempts: [{ ...ATTEMPT, ...change }] })
  expect(told.timeline[0]?.text).toContain(words)
})
