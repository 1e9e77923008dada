//
// Owns: what tracking costs a signed relay: the same html by smtp-source → MailWok → smtp-sink with X-MailWok-Track-* and
// without, in turns. Every message is a content of its own, read and compiled for one recipient: the dearest case.
// Run: bun run build && bun bench/tracking-relay.ts [rounds] [messages]

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { total, withEnds } from './support/processes.ts'
import { median, perMessage, table, times, whole, writeSection } from './support/results.ts'
import { addUp, playRound, type Round } from './support/round.ts'
import { mailwokOn, openStage, proveAll, sinkOn } from './support/stage.ts'

const rounds = Number(process.argv[2] ?? 3)
const messages = Number(process.argv[3] ?? 4_000)
const CONNECTIONS = 20

const LETTERS = [
  { octets: 4_096, links: 8 },
  { octets: 15_000, links: 50 },
] as const

/** Half of it is text, as in most newsletters. */
function letter({ octets, links }: (typeof LETTERS)[number]): string {
  const rows = Array.from(
    { length: links },
    (_, at) =>
      `<p>Item ${at}: <a href=3D"https://shop.example.com/i/${at}?utm_source=3Dmail&amp;n=3D${at}">=\r\nsee it</a></p>`,
  )
  const filler = '<p>A line of a letter that says nothing of interest, f=C3=BCr alle.</p>\r\n'
  const html = `<html><body>\r\n${rows.join('\r\n')}\r\n`
  const rest = Math.max(0, octets - html.length - 700)
  return `${[
    'From: Shop <sender@example.com>',
    'To: reader@example.net',
    'Subject: What is new',
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary="=_b"',
    '',
    '--=_b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'What is new: https://shop.example.com/',
    '--=_b',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    `${html}${filler.repeat(Math.floor(rest / filler.length))}</body></html>`,
    '--=_b--',
  ].join('\r\n')}\r\n`
}

const ASKED = 'X-MailWok-Track-Opens: true\r\nX-MailWok-Track-Clicks: true\r\n'

interface Pair {
  readonly name: string
  readonly off: readonly Round[]
  readonly on: readonly Round[]
}

const played = await withEnds(async (use) => {
  const stage = openStage(use)
  const mailwok = await mailwokOn(stage)
  const signatures = (await proveAll(stage, [mailwok], 4096)).get(mailwok) ?? 'none'
  const sink = await sinkOn(stage)
  const pairs: Pair[] = []
  for (const kind of LETTERS) {
    const text = letter(kind)
    const fileOf = (name: string, content: string): string => {
      const path = join(stage.folder, `${kind.octets}-${name}`)
      // smtp-source wants lines as they are here, and writes CRLF itself.
      writeFileSync(path, content.replaceAll('\r\n', '\n'))
      return path
    }
    const files = { off: fileOf('off', text), on: fileOf('on', `${ASKED}${text}`) }
    const got: { off: Round[]; on: Round[] } = { off: [], on: [] }
    for (let round = 0; round <= rounds; round += 1) {
      for (const way of ['off', 'on'] as const) {
        const load = {
          messages: round === 0 ? Math.ceil(messages / 3) : messages,
          connections: CONNECTIONS,
          size: text.length,
          file: files[way],
        }
        const result = await playRound(mailwok, sink, load)
        console.log(
          `${kind.octets} ${round === 0 ? 'warm-up' : `round ${round}`}: tracking ${way}: ${Math.round(result.messages / result.endSeconds)} messages/s`,
        )
        if (round > 0) got[way].push(result)
      }
    }
    pairs.push({ name: `${text.length} octets, ${kind.links} links`, ...got })
  }
  return { pairs, signatures }
})

const rate = (of: readonly Round[]): number => median(of.map((r) => r.messages / r.endSeconds))
const each = (of: readonly Round[]): string =>
  perMessage(
    total(addUp(of.map((r) => r.programs))),
    of.reduce((sum, round) => sum + round.messages, 0),
  )
writeSection({
  script: 'tracking-relay',
  title: 'Relay with tracking',
  command: `bun bench/tracking-relay.ts ${rounds} ${messages}`,
  programs: ['mailwok', 'postfix'],
  body: `Html mail with a text part by SMTP, ${CONNECTIONS} connections, signed with ${played.signatures}; ${rounds} rounds in turns after one to
warm up. Each message is a content of its own for one recipient, so that nothing compiled serves twice.

${table({
  head: [
    '',
    'off, delivered/s',
    'on, delivered/s',
    'on ÷ off',
    'off, CPU per message',
    'on, CPU per message',
  ],
  rows: played.pairs.map(({ name, off, on }) => [
    name,
    whole(rate(off)),
    whole(rate(on)),
    times(rate(on) / rate(off)),
    each(off),
    each(on),
  ]),
})}`,
})
