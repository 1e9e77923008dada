import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ReportedRecipient, readReturnedMail } from '../../../src/mail/bounces/returned.ts'
import { withLineEnds } from '../../support/bounce-corpus.ts'

/** `=== name | what it is` and a message below; recipients with a comma between, `!` is hard, `?` is nobody. */
const FILE = join(import.meta.dir, 'wordings', 'whole-messages.eml.txt')
const HEADER = ['To: news@a.example', 'Date: Thu, 29 Apr 2010 23:34:45 +0900', 'MIME-Version: 1.0']

const blocks = readFileSync(FILE, 'utf8').split(/^=== /m).slice(1)

function inWords({ action, verdict, recipient }: ReportedRecipient): string {
  const hard = verdict.hardness === 'hard' ? '!' : ''
  const told = action === 'delivered' || action === 'relayed' ? action : `${verdict.reason}${hard}`
  return `${action === 'delayed' ? 'delayed:' : ''}${told} ${recipient ?? '?'}`
}

function read(bytes: Uint8Array): string {
  const mail = readReturnedMail(bytes)
  return mail.kind === 'bounce' ? mail.recipients.map(inWords).join(', ') : mail.kind
}

test('there are many of them', () => {
  expect(blocks.length).toBeGreaterThan(140)
})

for (const block of blocks) {
  const [head = '', ...lines] = block.split('\n')
  const [name = '', wanted = ''] = head.split(' | ')
  test(`${name} is read as ${wanted}, whatever ends its lines`, () => {
    const bytes = Buffer.from([...HEADER, ...lines].join('\n'))
    const got = (['\n', '\r', '\r\n'] as const).map((end) => read(withLineEnds(bytes, end)))
    expect(got).toEqual([wanted, wanted, wanted])
  })
}
