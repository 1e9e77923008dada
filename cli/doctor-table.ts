//
// Owns: how what the doctor found looks on a terminal: by group, the worst first, with the lines that mend it.

import {
  CHECKS,
  type CheckGroup,
  type CheckState,
  type Checkup,
  type Diagnosis,
  docsOf,
} from '../src/core/diagnosis.ts'

const WORDS: Readonly<Record<CheckState, string>> = { ok: 'OK', warn: 'WARN', fail: 'FAIL', unknown: '?' }

const HEADINGS: Readonly<Record<CheckGroup, string>> = {
  machine: 'This machine',
  network: 'Network',
  names: 'Names and addresses',
  domains: 'Sending domains',
  mail: 'Mail',
}

export function doctorTable({ diagnoses, took }: Checkup): string {
  const groups = Object.entries(HEADINGS).flatMap(([group, heading]) => {
    const mine = diagnoses.filter(({ check }) => CHECKS[check] === group)
    return mine.length === 0 ? [] : [heading, ...mine.flatMap(linesOf), '']
  })
  const count = (state: CheckState): number => diagnoses.filter((one) => one.state === state).length
  const sum = `${count('fail')} FAIL, ${count('warn')} WARN, ${count('unknown')} unknown, ${count('ok')} OK, in ${(took / 1000).toFixed(1)} s`
  const mendable = diagnoses.some((one) => one.mendable) ? ['mailwok doctor --fix mends what says so.'] : []
  return harmless([...groups, sum, ...mendable].join('\n'))
}

function linesOf(diagnosis: Diagnosis): readonly string[] {
  const { fix, mendable, state, subject, why } = diagnosis
  const head = `  ${WORDS[state].padEnd(4)}  ${subject}`
  if (state === 'ok') return [`${head}: ${why}`]
  const indented = (text: string): string => `        ${text}`
  return [
    head,
    indented(why),
    ...fix.map((line) => indented(`> ${line}`)),
    ...(mendable ? [indented('(--fix does it)')] : []),
    indented(`see ${docsOf(diagnosis)}`),
  ]
}

/** Words of the DNS and of peers must not steer a terminal (T25). */
const harmless = (text: string): string =>
  text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (char) => (char === '\n' ? char : '\ufffd'))
