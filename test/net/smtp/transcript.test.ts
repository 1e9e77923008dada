import { expect, test } from 'bun:test'
import { Transcript } from '../../../src/net/smtp/transcript.ts'

const reply = (code: number, text: string) => ({ code, enhanced: null, text })

test('a line each: milliseconds since the start, what was said, what came back', () => {
  const transcript = new Transcript(1000)
  transcript.note(1001.4, 'CONNECT mx.test [192.0.2.1]:25 from 192.0.2.9')
  transcript.reply(1003, 'greeting', reply(220, 'mx.test ESMTP'))
  transcript.reply(1010, 'RCPT TO:<a@x.test>', {
    code: 550,
    enhanced: { class: 5, subject: 1, detail: 1 },
    text: 'no\nsuch user',
  })
  expect(transcript.text).toBe(
    '1 CONNECT mx.test [192.0.2.1]:25 from 192.0.2.9\n' +
      '3 greeting => 220 mx.test ESMTP\n' +
      '10 RCPT TO:<a@x.test> => 550 5.1.1 no / such user\n',
  )
})

test.each([
  ['\u001b[31mred', ' [31mred'],
  ['a\rb\u2028c\u0000d', 'a b c d'],
  ['\u202eevil', ' evil'],
  ['gr\u00fc\u00df', 'gr\u00fc\u00df'],
])('%j cannot forge a line or turn one around', (text, want) => {
  const transcript = new Transcript(0)
  transcript.reply(0, 'X', reply(250, text))
  expect(transcript.text).toBe(`0 X => 250 ${want}\n`)
})

test('a line has an end', () => {
  const transcript = new Transcript(0)
  transcript.reply(0, 'X', reply(250, 'y'.repeat(60_000)))
  expect(transcript.text.length).toBeLessThan(310)
})

test('the beginning and the end are kept, and what is left out is said', () => {
  const transcript = new Transcript(0)
  for (let n = 0; n < 500; n++) transcript.note(n, `CONNECT host${n} [192.0.2.1]:25 => connection refused`)
  const lines = transcript.text.trimEnd().split('\n')
  expect(transcript.text.length).toBeLessThanOrEqual(4096)
  expect(lines[0]).toContain('host0 ')
  expect(lines.at(-1)).toContain('host499 ')
  const cut = lines.find((line) => line.startsWith('...'))
  expect(Number(/\d+/.exec(cut ?? '')?.[0])).toBe(500 - (lines.length - 1))
})
