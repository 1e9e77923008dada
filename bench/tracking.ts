//
// Prints and records what tracking costs a copy: a page of 15 KB with 50 links, compiled once, filled per recipient.
// CPU time on one core. Run: bun bench/tracking.ts [rounds]

import { deliveryId, type MessageId } from '../src/core/ids.ts'
import { hashBody } from '../src/mail/dkim/body.ts'
import { encodeText } from '../src/mail/mime/body-encode.ts'
import type { TrackingWish } from '../src/mail/tracking/edits.ts'
import { readClick } from '../src/mail/tracking/link-token.ts'
import { judgeVisit } from '../src/mail/tracking/machine.ts'
import { compilePage, fillPage, type TrackedPage } from '../src/mail/tracking/page.ts'
import { compileSubmitted, fillMessage, type TrackedMessage } from '../src/mail/tracking/submitted.ts'
import { median, table, writeSection } from './support/results.ts'

const rounds = Number(process.argv[2] ?? 2000)
const TURNS = 7
const LINKS = 50
const PAGE_OCTETS = 15_000

/** Microseconds of CPU time per call; the median of several turns, for others share this machine. */
function cost(run: (turn: number) => unknown, times = rounds): number {
  for (let i = 0; i < times / 10; i++) run(i)
  return median(
    Array.from({ length: TURNS }, () => {
      const start = process.cpuUsage()
      for (let i = 0; i < times; i++) run(i)
      const { user, system } = process.cpuUsage(start)
      return (user + system) / times
    }),
  )
}

function pageWith(filler: string): string {
  const rows = Array.from({ length: LINKS }, (_, at) => {
    const link = `https://shop.example.com/catalogue/item-${1000 + at}?utm_source=mail&amp;utm_campaign=spring`
    return `<tr><td class="cell"><a style="color:#036" href="${link}">Item ${1000 + at}</a></td><td>${filler}</td></tr>`
  })
  const page = `<!DOCTYPE html>\r\n<html><body><table>\r\n${rows.join('\r\n')}\r\n</table></body></html>\r\n`
  const missing = PAGE_OCTETS - Buffer.byteLength(page)
  return page.replace(
    '</table>',
    `<tr><td>${'Some more words.\r\n'.repeat(Math.max(0, missing / 18))}</td></tr></table>`,
  )
}

function got<T>(value: T | null): T {
  if (value === null) throw new Error('nothing to track')
  return value
}

const KEY = Buffer.alloc(32, 7)
const wish: TrackingWish = { opens: true, clicks: true, origin: 'https://track.example.com', untouched: [] }
const copies = Array.from({ length: 1000 }, (_, at) => deliveryId('msg_mfxy1234z0ab' as MessageId, at))
const copy = (turn: number) => copies[turn % copies.length] ?? deliveryId('msg_mfxy1234z0ab' as MessageId, 0)

const pages = {
  '7bit': pageWith('A short description of what it is, in plain words, for people\r\n who read.'),
  'quoted-printable': pageWith('Eine kurze Beschreibung für Leute, die gerne über schöne Dinge\r\n lesen.'),
  base64: pageWith('短い説明文です。読む人のために書きました。短い説明文です。読む人'.repeat(4)),
} as const

interface Measured {
  readonly name: string
  readonly octets: number
  readonly compile: number
  readonly fill: number
  readonly hashed: number
  readonly untracked: number
}

function measurePage(name: keyof typeof pages): Measured {
  const html = pages[name]
  const page: TrackedPage = got(compilePage(html, wish))
  if (page.encoding !== name) throw new Error(`${name} travels as ${page.encoding}`)
  return {
    name: `composed, ${name}`,
    octets: Buffer.byteLength(html),
    compile: cost(() => compilePage(html, wish), rounds / 10),
    fill: cost((turn) => fillPage(page, copy(turn), KEY)),
    hashed: cost((turn) => hashBody(fillPage(page, copy(turn), KEY).bytes)),
    untracked: cost(() => hashBody(encodeText(html).bytes)),
  }
}

function measureSubmitted(): Measured {
  const html = encodeText(pages['quoted-printable'])
  const head =
    'From: Ann <ann@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n' +
    '--b\r\nContent-Type: text/plain\r\n\r\nThe same in words.\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n' +
    `Content-Transfer-Encoding: ${html.encoding}\r\n\r\n`
  const message = Buffer.concat([Buffer.from(head), html.bytes, Buffer.from('\r\n--b--\r\n')])
  const compiled = compileSubmitted(message, wish)
  const tracked: TrackedMessage = got(compiled.ok ? compiled.value : null)
  const bodyAt = head.indexOf('\r\n\r\n') + 4
  return {
    name: `submitted, ${html.encoding}`,
    octets: message.length,
    compile: cost(() => compileSubmitted(message, wish), rounds / 10),
    fill: cost((turn) => fillMessage(tracked, copy(turn), KEY)),
    hashed: cost((turn) => hashBody(fillMessage(tracked, copy(turn), KEY).subarray(bodyAt))),
    untracked: cost(() => hashBody(message.subarray(bodyAt))),
  }
}

function aClick(): string {
  const page = got(compilePage(pages['7bit'], wish))
  const text = fillPage(page, copy(0), KEY).bytes.toString('latin1')
  return got(/\/c\/([\w-]+)/.exec(text))[1] ?? ''
}

const token = aClick()
const click = cost(() => readClick(token, [KEY]), rounds * 20)
const verdict = cost(
  () =>
    judgeVisit({
      kind: 'click',
      method: 'GET',
      userAgent:
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
      saysPrefetch: false,
      knownNetwork: false,
      at: 1_000_000,
      deliveredAt: 0,
      linksInMoment: 1,
      links: LINKS,
    }),
  rounds * 20,
)
const micro = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} µs`
const measured = [
  measurePage('7bit'),
  measurePage('quoted-printable'),
  measurePage('base64'),
  measureSubmitted(),
]
const worst = Math.max(...measured.map(({ hashed }) => hashed))

writeSection({
  script: 'tracking',
  title: 'Tracking',
  command: 'bun bench/tracking.ts',
  programs: [],
  body: `A page of 15 KB (Japanese: as many octets as it takes to travel as base64) with ${LINKS} links and a pixel. Processor time on one core, median of ${TURNS} turns; RSA is not in it.
"To be signed" is the filled copy with the body hash that DKIM wants; "untracked" the same without tracking.

${table({
  head: [
    '',
    'octets',
    'compiled, once per content',
    'filled, per copy',
    'to be signed, per copy',
    'untracked',
  ],
  rows: measured.map((one) => [
    one.name,
    one.octets,
    micro(one.compile),
    micro(one.fill),
    micro(one.hashed),
    micro(one.untracked),
  ]),
})}

Worst: **${(worst / 1000).toFixed(2)} ms per recipient**. A click: its token read and proven in ${micro(click)}, human or machine told in ${micro(verdict)}.`,
})
