//
// RFC 5321 §4.1.2, RFC 6531 §3.3, as the API takes them: what is valid arrives in that envelope, the rest is a 422.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Lab, startLab } from '../support/appliance.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ dns: { 'xn--bcher-kva.example.net': { MX: [[10, 'mx.example.net']] } } })
})
afterAll(() => lab[Symbol.asyncDispose]())

const LONGEST = 'l'.repeat(64)

test.each([
  ['simple@example.net', 'simple@example.net'],
  ['UPPER@EXAMPLE.NET', 'UPPER@example.net'],
  ['very.common@example.net', 'very.common@example.net'],
  ['tag+sub@example.net', 'tag+sub@example.net'],
  ["!#$%&'*+-/=?^_`{|}~@example.net", "!#$%&'*+-/=?^_`{|}~@example.net"],
  ['"much.more unusual"@example.net', '"much.more unusual"@example.net'],
  ['"very.(),:;<>[]\\".VERY"@example.net', '"very.(),:;<>[]\\".VERY"@example.net'],
  ['" "@example.net', '" "@example.net'],
  [`${LONGEST}@example.net`, `${LONGEST}@example.net`],
  ['Doe <doe@example.net>', 'doe@example.net'],
  ['"Doe, Jane (Shop)" <jane@example.net>', 'jane@example.net'],
  ['Zoë Grüße <z@example.net>', 'z@example.net'],
  ['<bare@example.net>', 'bare@example.net'],
  ['  spaced@example.net  ', 'spaced@example.net'],
  ['用户@example.net', '用户@example.net'],
  ['a@Bücher.example.net', 'a@xn--bcher-kva.example.net'],
  ['a@xn--bcher-kva.example.net', 'a@xn--bcher-kva.example.net'],
])('%s arrives', async (to, forwardPath) => {
  const view = await lab.ended(await lab.sent({ to }))
  expect(view.status).toBe('delivered')
  expect(lab.mx.messages.at(-1)?.forwardPaths).toEqual([forwardPath])
})

test.each([
  '',
  ' ',
  'plain',
  '@example.net',
  'a@',
  'a@b',
  'a@localhost',
  'a@[127.0.0.1]',
  'a@[IPv6:::1]',
  'a@127.0.0.1',
  '.a@example.net',
  'a.@example.net',
  'a..b@example.net',
  'a b@example.net',
  'a@@example.net',
  'a@b@example.net',
  '"unclosed@example.net',
  'a"b"@example.net',
  `${LONGEST}x@example.net`,
  `${'ü'.repeat(33)}@example.net`,
  'a@-x.example.net',
  'a@x-.example.net',
  'a@x..example.net',
  'a@example.net.',
  `a@${'x'.repeat(64)}.net`,
  `a@${'x.'.repeat(130)}net`,
  'a@example.net, b@example.net',
  'friends: a@example.net, b@example.net;',
  'Doe <a@example.net',
  'Doe a@example.net>',
  'Doe <a@example.net> trailing',
  '<@relay.test:a@example.net>',
  'a\ud800@example.net',
])('%j is a 422 that names its field', async (to) => {
  const before = lab.mx.messages.length
  const { status, body } = await lab.send({ to: ['ok@example.net', to] })
  expect(status).toBe(422)
  expect(body.error.fields.map((field) => field.path)).toEqual(['to[1]'])
  expect(lab.mx.messages).toHaveLength(before)
})
