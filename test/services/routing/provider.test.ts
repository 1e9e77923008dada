import { expect, test } from 'bun:test'
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
