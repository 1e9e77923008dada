import { expect, test } from 'bun:test'
import type { RequestId } from '../../../src/core/ids.ts'
import { receivedBy } from '../../../src/edge/smtpd/received.ts'

const RECEPTION = {
  helo: 'client.example',
  address: '192.0.2.1',
  extended: true,
  secure: true,
  authenticated: true,
  smtpUtf8: false,
  id: 'req_000000000001' as RequestId,
  at: Date.UTC(2026, 10, 3, 5, 7, 9, 999),
}

test('the whole line', () => {
  expect(receivedBy('mail.example.com')(RECEPTION)).toBe(
    'Received: from client.example ([192.0.2.1])\r\n' +
      '\tby mail.example.com with ESMTPSA id req_000000000001;\r\n' +
      '\tTue, 3 Nov 2026 05:07:09 +0000\r\n',
  )
})

test.each([
  [{ authenticated: false }, 'with ESMTPS id'],
  [{ authenticated: false, secure: false }, 'with ESMTP id'],
  [{ authenticated: false, secure: false, extended: false }, 'with SMTP id'],
  [{ smtpUtf8: true }, 'with UTF8SMTPSA id'],
  [{ smtpUtf8: true, authenticated: false, secure: false }, 'with UTF8SMTP id'],
  [{ address: '2001:db8::1' }, '([IPv6:2001:db8::1])'],
  [{ helo: '[192.0.2.7]' }, 'from [192.0.2.7] ('],
  [{ helo: 'a)(b' }, 'from unknown ('],
  [{ helo: 'müller-pc' }, 'from unknown ('],
  [{ at: 0 }, 'Thu, 1 Jan 1970 00:00:00 +0000'],
])('%j says %s', (change, want) => {
  expect(receivedBy('mail.example.com')({ ...RECEPTION, ...change })).toContain(want)
})
