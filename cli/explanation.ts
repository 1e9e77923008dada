//
// Owns: an explanation on a terminal.

import type { Explanation, RecipientExplanation, TimelineEntry } from '../src/core/explanation.ts'

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
    ...lines.flatMap(([name, text]) => (text === null ? [] : [`  ${name.padEnd(14)} ${text}`])),
    '',
    ...told.timeline.flatMap(entryLines),
  ].join('\n')
}

const faultText = (fault: RecipientExplanation['at_fault']): string | null =>
  fault === null
    ? null
    : `${fault.in_words} (${fault.reason}${fault.enhanced_code === null ? '' : `, ${fault.enhanced_code}`})`

const entryLines = ({ at, text, transcript = [] }: TimelineEntry): readonly string[] => [
  `  ${at}  ${text}`,
  ...transcript.map((line) => `      ${line}`),
]
