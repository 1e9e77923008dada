import { afterEach, expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { Reader } from '../../../src/services/inbound/reader.ts'
import { quietLog } from '../../edge/smtpd/agent.ts'
import { handClock } from '../../support/clock.ts'
import { bounceOf, letter, reportMail } from '../../support/inbound.ts'
import { dmarcXml } from '../../support/reports.ts'

const readers: Reader[] = []
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.stop()
})

function reader() {
  const clock = handClock(0)
  const made = new Reader({ clock, log: quietLog })
  readers.push(made)
  return { clock, reader: made }
}

const bytes = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'))

test('letters are read beside the serving thread, in the order of their coming', async () => {
  const { reader: here } = reader()
  const [one, two, three] = await Promise.all([
    here.letter(bytes(letter('X-Mark: 1'))),
    here.reports(bytes(reportMail('a.gz', 'application/gzip', gzipSync(dmarcXml()))), new Set()),
    here.letter(bytes(letter('Content-Type: text/plain; charset=utf-8', 'Grüße'))),
  ])
  expect(one.ok && JSON.parse(one.value).subject).toBe('A question')
  expect(two.ok && two.value.map((report) => report.kind)).toEqual(['dmarc'])
  expect(three.ok && JSON.parse(three.value).text.trim()).toBe('Grüße')
})

test.each([
  ['nothing', ''],
  ['no header', '\r\n\r\n'],
  ['a boundary that never comes', 'Content-Type: multipart/mixed; boundary=x\r\n\r\n--y\r\n'],
  ['a charset that is none', 'Content-Type: text/plain; charset=nonsense\r\n\r\n\xff\xfe'],
  [
    'parts within parts',
    `Content-Type: multipart/mixed; boundary=a\r\n\r\n${'--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n'.repeat(500)}`,
  ],
])('%s is read without a fault or is unreadable, and the next letter is read', async (_, text) => {
  const { reader: here } = reader()
  expect(typeof (await here.letter(Buffer.from(text, 'latin1'))).ok).toBe('boolean')
  expect((await here.letter(bytes(letter()))).ok).toBe(true)
})

test('a small bounce is read at once, and a large one beside the serving thread with the same end', async () => {
  const { reader: here } = reader()
  const small = bytes(bounceOf('a@example.net'))
  const large = Buffer.concat([small, Buffer.alloc(3 * 1024 * 1024, 'x\r\n')])
  const [one, two] = await Promise.all([here.returned(small), here.returned(large)])
  expect(one.ok && one.value.kind).toBe('bounce')
  expect(two).toEqual(one)
  // What waits counts by what is scanned: sixty of them are not too much.
  const many = await Promise.all(Array.from({ length: 60 }, () => here.returned(large)))
  expect(many.every(({ ok }) => ok)).toBe(true)
})

test.each([
  ['ASCII', 'A', '7bit'],
  ['beyond ASCII', 'ü', '8bit'],
] as const)(
  'a large letter %s is made ready to be attached, whole, behind our Received field',
  async (_, mark, encoded) => {
    const { reader: here } = reader()
    const small = bytes(letter('', mark))
    const large = bytes(letter('', `${mark.repeat(70)}\n`.repeat(20_000)))
    for (const one of [small, large]) {
      const ready = await here.enclosure(one, 'Received: here\r\n')
      expect(ready).toMatchObject({ ok: true, value: { contentType: 'message/rfc822', encoded } })
      const content = ready.ok ? Buffer.from(ready.value.content) : null
      expect(content?.equals(Buffer.concat([Buffer.from('Received: here\r\n'), one]))).toBe(true)
    }
    const long = await here.enclosure(bytes(letter('', 'x'.repeat(100_000))), '')
    expect(long.ok && long.value.encoded).toBe('base64')
    // The serving thread still has what it asked about: other recipients need it.
    expect(large.length).toBeGreaterThan(1_000_000)
  },
)

test('a letter that takes too long is unreadable, and the next one has a thread of its own', async () => {
  const { clock, reader: here } = reader()
  const slow = here.letter(bytes(letter('', 'x'.repeat(1000))))
  const next = here.letter(bytes(letter('X-Mark: 2')))
  clock.advance(20_000)
  expect(await slow).toEqual({ ok: false, error: 'unreadable' })
  expect((await next).ok).toBe(true)
})

test('what is too much waits with its sender', async () => {
  const { reader: here } = reader()
  const large = Buffer.concat([bytes(letter('', '')), Buffer.alloc(30 * 1024 * 1024, 'x\r\n')])
  const first = [here.letter(large), here.letter(large)]
  expect(await here.letter(large)).toEqual({ ok: false, error: 'busy' })
  await here.stop()
  expect((await Promise.all(first)).map((read) => read.ok)).toEqual([false, false])
})

test('who waits when it stops hears so', async () => {
  const { reader: here } = reader()
  const waiting = [here.letter(bytes(letter())), here.letter(bytes(letter()))]
  await here.stop()
  expect((await Promise.all(waiting)).map((read) => read.ok)).toEqual([false, false])
})
