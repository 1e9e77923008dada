import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SmtpStage } from '../../../src/core/outcome.ts'
import { judge, type Verdict } from '../../../src/mail/bounces/classify.ts'
import { judgeReport } from '../../../src/mail/bounces/judge-report.ts'
import { readReturnedMail } from '../../../src/mail/bounces/returned.ts'
import { answersOf } from '../../support/bounce-corpus.ts'
import { replyCause } from '../../support/bounce-replies.ts'

/** One row a line: where it was said, what it means (`!` is hard), the words; `\n` stands for a line break. */
const FOLDER = join(import.meta.dir, 'wordings')
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')

const STAGES: Readonly<Record<string, SmtpStage>> = {
  greet: 'GREETING',
  ehlo: 'EHLO',
  mail: 'MAIL',
  rcpt: 'RCPT',
  data: 'BODY',
}

function verdictOn(stage: string, words: string): Verdict {
  const at = STAGES[stage]
  if (at !== undefined) return judge(replyCause(at, words))
  return judgeReport({
    recipient: null,
    originalRecipient: null,
    action: 'failed',
    status: null,
    diagnostic: words,
    remark: '',
    remoteMta: null,
  })
}

for (const file of readdirSync(FOLDER).filter((name) => !name.includes('.eml.'))) {
  test(`${file}: every wording is read as what it means`, () => {
    const rows = read(file)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => /^(\w+)\|(\w+!?)\|(.*)$/.exec(line) ?? [line, '', '', ''])
    expect(rows.length).toBeGreaterThan(100)
    const got = rows.map(([, stage = '', , words = '']) => {
      const { reason, hardness } = verdictOn(stage, words.replaceAll('\\n', '\n'))
      return `${stage}|${reason}${hardness === 'hard' ? '!' : ''}|${words}`
    })
    expect(got).toEqual(rows.map(([row = '']) => row))
  })
}

const HEADER = [
  'To: news@a.example',
  'Date: Thu, 29 Apr 2010 23:34:45 +0900',
  'MIME-Version: 1.0',
  'Content-Transfer-Encoding: 8bit',
]

/** `=== name | reason recipient` and a message below, to which the header above is added. */
const messagesIn = (file: string) =>
  read(file)
    .split(/^=== /m)
    .slice(1)
    .map((block) => {
      const [head = '', ...lines] = block.split('\n')
      const [name = '', wanted = ''] = head.split(' | ')
      return { name, wanted, lines }
    })

test('notices of many servers and languages name the recipient and the reason', () => {
  for (const { name, wanted, lines } of messagesIn('notices.eml.txt')) {
    const extra = ['Return-Path: <>', 'Content-Type: text/plain; charset=utf-8']
    const mail = readReturnedMail(Buffer.from([...HEADER, ...extra, ...lines].join('\n')))
    const got =
      mail.kind === 'bounce'
        ? mail.recipients.map(
            ({ recipient, verdict }) =>
              `${verdict.reason}${verdict.hardness === 'hard' ? '!' : ''} ${recipient}`,
          )
        : [mail.kind]
    expect([name, ...got]).toEqual([name, wanted])
  }
})

test('mail that only speaks of bounces, receipts, absences and reports is none', () => {
  const messages = messagesIn('not-bounces.eml.txt')
  expect(messages.length).toBeGreaterThan(20)
  for (const { name, wanted, lines } of messages) {
    const mail = readReturnedMail(Buffer.from([...HEADER, ...lines].join('\n')))
    expect([name, mail.kind]).toEqual([name, wanted])
  }
})

/** "User not found", "user does not exist". */
const NO_USER: readonly (readonly [charset: string, octets: string])[] = [
  ['koi8-r', 'd0cfccd8dacfd7c1d4c5ccd820cec520cec1cac4c5ce'],
  ['windows-1251', 'efeeebfce7eee2e0f2e5ebfc20ede520ede0e9e4e5ed'],
  ['gb2312', 'd3c3bba7b2bbb4e6d4da'],
  ['euc-kr', 'c1b8c0e7c7cfc1f620becab4c220bbe7bfebc0da'],
  ['iso-2022-jp', '1b24422566213c2536213c242c42383a5f2437245e243b24731b2842'],
  ['iso-8859-1', '456d7066e46e67657220756e62656b616e6e74'],
]

test.each(NO_USER)('a notice in %s is read in its charset', (charset, hex) => {
  const head = [
    'Return-Path: <>',
    'From: MAILER-DAEMON@mx.example',
    'Subject: x',
    `Content-Type: text/plain; charset=${charset}`,
    '',
    '<bob@b.example>: host mx.b.example said: 550 ',
  ].join('\n')
  const tail = ' (in reply to RCPT TO command)\nYour message could not be delivered\n'
  const mail = readReturnedMail(
    Buffer.concat([Buffer.from(head), Buffer.from(hex, 'hex'), Buffer.from(tail)]),
  )
  expect(answersOf(mail)).toEqual([{ reason: 'mailbox_unknown', hard: true }])
})
