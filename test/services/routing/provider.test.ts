import { expect, test } from 'bun:test'
import { ok } from '../../../src/core/result.ts'
import { planFrom } from '../../../src/services/routing/mx.ts'
import { providerOfMx } from '../../../src/services/routing/provider.ts'

test.each([
  [
    'google.com',
    [
      [1, 'aspmx.l.google.com'],
      [5, 'alt1.aspmx.l.google.com'],
      [10, 'aspmx2.googlemail.com'],
    ],
  ],
  ['outlook.com', [[0, 'example-com.mail.protection.outlook.com']]],
  ['example.co.uk', [[10, 'mx.mail.example.co.uk']]],
  ['amazonaws.com', [[10, 'inbound-smtp.eu-west-1.amazonaws.com']]],
  [
    'a.test',
    [
      [10, 'mx.z.test'],
      [10, 'mx.a.test'],
    ],
  ],
  ['localhost', [[10, 'localhost']]],
] as const)('%s', (want, records) => {
  expect(providerOfMx(records.map(([preference, exchange]) => ({ preference, exchange })))).toBe(want)
})

test('it does not change with the dice', () => {
  const records = [
    { preference: 10, exchange: 'mx.b-host.com' },
    { preference: 10, exchange: 'mx.a-host.com' },
  ]
  const providers = [0, 0.3, 0.6, 0.999].map((thrown) => {
    const answer = ok({ records, ttl: 300, authentic: false })
    const plan = planFrom('example.com', answer, { now: 0, dice: () => thrown })
    return 'provider' in plan && plan.provider
  })
  expect(new Set(providers)).toEqual(new Set(['a-host.com']))
})
