//
// Owns: what is wrong with a configuration, and how that is told: where, what was found, what was wanted.

import type { Place } from './places.ts'

export interface ConfigFault {
  /** Such as `delivery.give_up_after`; empty when it is about the file as a whole. */
  readonly key: string
  /** One line, ready to read. */
  readonly say: string
  /** Where the value came from: a file, a variable of the environment, a flag. */
  readonly where: string
  readonly place: Place | null
  /** The line of the file, for the caret. */
  readonly source: string | null
}

/** Several lines: the place in the form that editors jump to, the line, the caret. */
export function formatFault(fault: ConfigFault): string {
  const head = fault.place
    ? `${fault.where}:${fault.place.line}:${fault.place.column}`
    : fault.where || 'configuration'
  const lines = [`${head}: ${fault.say}`]
  if (fault.place && fault.source !== null) {
    const gutter = String(fault.place.line)
    lines.push(`  ${gutter} | ${fault.source}`)
    const indent = ' '.repeat(gutter.length + 2 + 3 + fault.place.column - 1)
    lines.push(`${indent}${'^'.repeat(Math.max(1, fault.place.width))}`)
  }
  return lines.join('\n')
}
