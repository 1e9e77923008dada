//
// Prints what one DKIM signature costs, by step and by engine, in microseconds of CPU time.
// Run: bun bench/dkim.ts [rounds]

import { canonicalizeBody, hashBody } from '../src/mail/dkim/body.ts'
import { coverHeader } from '../src/mail/dkim/header.ts'
import { prepareKey } from '../src/mail/dkim/key.ts'
import { openLibcrypto } from '../src/mail/dkim/libcrypto.ts'
import { signMessage } from '../src/mail/dkim/sign.ts'
import { publishedKey, SIGNED_AT } from '../test/support/dkim.ts'

const rounds = Number(process.argv[2] ?? 2000)

function measure(name: string, times: number, run: () => unknown): void {
  for (let i = 0; i < times / 10; i++) run()
  // CPU time, not wall time: it stays true on a machine that does other things as well.
  const start = process.cpuUsage()
  for (let i = 0; i < times; i++) run()
  const { user, system } = process.cpuUsage(start)
  console.log(`${name.padEnd(58)} ${((user + system) / times).toFixed(2).padStart(9)} µs`)
}

const line = 'The quick brown fox jumps over the lazy dog and then it goes home again.\r\n'
const body = Buffer.from(line.repeat(Math.ceil(10_240 / line.length)))
const untidy = Buffer.from(body.toString().replaceAll('dog ', 'dog  '))
const header = Buffer.from(
  [
    'From: Ann Example <ann@example.com>',
    'To: Bob Example <bob@example.net>',
    'Subject: Your order 4711 is on its way',
    'Date: Fri, 2 Jan 2026 03:04:05 +0000',
    'Message-ID: <msg_a1b2c3d4e5f6@example.com>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary="=_1234567890"',
    'List-Unsubscribe: <https://mail.example.com/u/0123456789012345678901234567890123456789>',
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    '',
  ].join('\r\n'),
)

const rsa = await publishedKey('rsa-sha256', 'mw1r')
const ed25519 = await publishedKey('ed25519-sha256', 'mw1e')
const libcrypto = openLibcrypto(null)
const byNode = prepareKey(rsa.text)
const byEither = prepareKey(rsa.text, libcrypto.ok ? libcrypto.value : null)
const text = Buffer.alloc(1200, 'a')

const trial = openLibcrypto(() => performance.now())
const chosen = prepareKey(rsa.text, trial.ok ? trial.value : null)
console.log(libcrypto.ok ? `libcrypto: ${libcrypto.value.version}` : `libcrypto: none (${libcrypto.error})`)
console.log(
  `the trial chooses: ${chosen.engine}${chosen.reason === null ? '' : ` (libcrypto: ${chosen.reason})`}`,
)
measure('canonical body, 10 KB: recognised', rounds * 20, () => canonicalizeBody(body))
measure('canonical body, 10 KB: rewritten', rounds, () => canonicalizeBody(untidy))
measure('body hash, 10 KB', rounds * 5, () => hashBody(body))
measure('header, 9 fields', rounds * 5, () => coverHeader(header))
measure('Ed25519, node:crypto', rounds, () => ed25519.prepared.sign(text))
measure('RSA-2048, node:crypto', rounds, () => byNode.sign(text))
measure(`RSA-2048, ${byEither.engine}`, rounds, () => byEither.sign(text))
for (const [name, key] of [
  ['node', byNode],
  [byEither.engine, byEither],
] as const) {
  measure(`message of 10 KB, both signatures, RSA by ${name}`, rounds, () =>
    signMessage({ header, body, keys: [key, ed25519.prepared], at: SIGNED_AT }),
  )
}
