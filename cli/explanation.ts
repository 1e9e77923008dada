//
// Owns: an explanation on a terminal.

import type { Explanation, RecipientExplanation, TimelineEntry } from '../src/core/explanation.ts'

/** What people read without losing the line; transcripts are as wide as they are. */
const WIDTH = 100
const NAME = 17
const TIME = 28

export const explanationText = ({ message_id, summary, recipients }: Explanation): string =>
  [`${message_id}: ${summary}`, ...recipients.map(recipientText)].join('\n\n')

function recipientText(told: RecipientExplanation): string {
  const lines: readonly (readonly [string, string | null])[] = [
    ['what happened', told.what_happened],
    ['at fault', faultText(told.at_fault)],
    ['what to do', told.what_to_do],
    ['what next', told.what_happens_next],
  ]
  return [
    `${told.recipient}  ${told.status}`,
    ...lines.flatMap(([name, text]) => (text === null ? [] : [beside(`  ${name}`.padEnd(NAME), text)])),
    '',
    ...told.timeline.flatMap(entryLines),
  ].join('\n')
}

const faultText = (fault: RecipientExplanation['at_fault']): string | null =>
  fault === null
    ? null
    : `${fault.in_words} (${fault.reason}${fault.enhanced_code === null ? '' : `, ${fault.enhanced_code}`})`

const entryLines = ({ at, text, transcript = [] }: TimelineEntry): readonly string[] => [
  beside(`  ${at}`.padEnd(TIME), text),
  ...transcript.map(spoken),
]

/** `12 RCPT TO:<…> => 250 Ok`, with its milliseconds in a column. */
function spoken(line: string): string {
  const [, ms, said] = /^(\d+) (.*)$/.exec(line) ?? []
  return ms === undefined ? `${' '.repeat(TIME)}${line}` : `${`${ms} ms`.padStart(TIME - 2)}  ${said}`
}

/** Broken between words; what follows stands below its beginning. */
function beside(name: string, text: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && name.length + line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((it, at) => (at === 0 ? name : ' '.repeat(name.length)) + it).join('\n')
}
