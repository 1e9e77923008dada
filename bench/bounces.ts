//
// Prints how MailWok reads the corpus of real bounces: by reason, hard and soft, what it sees otherwise than the
// labels and why, and how long a message takes.
// Run: bun bench/bounces.ts

import { readReturnedMail } from '../src/mail/bounces/returned.ts'
import { type Comparison, compare, notBounces, specimens } from '../test/support/bounce-corpus.ts'
import { table, writeSection } from './support/results.ts'

const ROUNDS = 20

/** Where we differ from a label on purpose, or know why. By file; a difference without a line here is a fault. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  'lhost-dragonfly-18.eml': 'the words are "Policy violation"; the code x.7.0 says nothing more',
  'lhost-exim-46.eml': 'the words are "Missing reverse DNS": the PTR record is what has to be mended',
  'lhost-gmail-03.eml': 'the words are "Header error", which other files of the corpus call a policy',
  'lhost-notes-01.eml': 'the reason is a sentence in Japanese that names no cause',
  'lhost-opensmtpd-12.eml': 'the server says that it still tries: nothing is hard before it gives up',
  'lhost-sendmail-13.eml': 'the transcript says "maildir over quota"',
  'lhost-v5sendmail-05.eml':
    'a reply to one host and a lost connection to another in one transcript; soft either way',
  'lhost-verizon-02.eml':
    'word for word the same notice as lhost-apachejames-01, which is labelled soft; without the command we stay soft',
  'rfc3464-35.eml':
    '"not a registered gateway user" speaks of the recipient, not of the sender; soft either way',
  'rhost-aol-06.eml':
    'word for word the same reply as in lhost-postfix-17, which is labelled soft; a malformed DNS answer is no proof',
}

const all = specimens()
const compared = all.flatMap(compare)

const agrees = ({ expected, got }: Comparison): boolean => expected.reason === got.reason
const agreesOnHard = ({ expected, got }: Comparison): boolean =>
  expected.hard === got.hard && got.reason !== 'nothing'

const percent = (part: number, of: number): string => `${((100 * part) / of).toFixed(1)} %`
const word = ({ reason, hard }: Comparison['got']): string => `${reason}, ${hard ? 'hard' : 'soft'}`

function byReason(): string {
  const reasons = [...new Set(compared.map(({ expected }) => expected.reason))]
  const rows = reasons
    .map((reason) => compared.filter(({ expected }) => expected.reason === reason))
    .sort((a, b) => b.length - a.length)
    .map((of) => [
      of[0]?.expected.reason ?? '',
      of.length,
      of.filter(agrees).length,
      of.filter(agreesOnHard).length,
    ])
  return table({ head: ['reason', 'expected', 'reason right', 'hard/soft right'], rows })
}

function differences(): string {
  const rows = compared
    .filter((one) => !agrees(one) || !agreesOnHard(one))
    .map((one) => [
      one.name,
      word(one.expected),
      word(one.got),
      ARGUMENTS[one.name] ?? 'no argument: a fault',
    ])
  return table({ head: ['file', 'label', 'MailWok', 'because'], rows })
}

function times(): readonly number[] {
  for (const { bytes } of all) readReturnedMail(bytes)
  const taken: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    for (const { bytes } of all) {
      const start = performance.now()
      readReturnedMail(bytes)
      taken.push(performance.now() - start)
    }
  }
  return taken.sort((a, b) => a - b)
}

const taken = times()
const quantile = (share: number): string => `${(taken[Math.floor(taken.length * share)] ?? 0).toFixed(2)} ms`
const found = notBounces().filter(({ bytes }) => readReturnedMail(bytes).kind !== 'other').length

writeSection({
  script: 'bounces',
  title: 'Bounces',
  command: 'bun bench/bounces.ts',
  programs: ['mailwok'],
  body: [
    `${all.length} messages of sisimai/set-of-emails with ${compared.length} recipients, against the labels of its reference implementation.`,
    '',
    `- **hard or soft: ${percent(compared.filter(agreesOnHard).length, compared.length)}**, wrongly hard: ${compared.filter(({ expected, got }) => got.hard && !expected.hard).length}`,
    `- **reason: ${percent(compared.filter(agrees).length, compared.length)}**`,
    `- bounces found in ${notBounces().length} messages that are none: ${found}`,
    `- time per message: p50 ${quantile(0.5)}, p99 ${quantile(0.99)}, worst ${quantile(0.99999)}`,
    '',
    byReason(),
    '',
    'Where MailWok differs:',
    '',
    differences(),
  ].join('\n'),
})
