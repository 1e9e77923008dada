//
// Owns: what the operator reads: a letter for a trouble, one for many, and one when something is over. Pure.

import type { StoredAlert } from '../../store/alert-store.ts'
import { ruleOf } from './kinds.ts'

export interface AlertLetter {
  readonly owed: 'raised' | 'cleared'
  readonly of: readonly StoredAlert[]
  readonly subject: string
  readonly text: string
  /** The same letter is sent once. */
  readonly key: string
}

/** More at once are one letter: the cause is mostly one. */
const MOST_SINGLE = 3

export function lettersOf(due: readonly StoredAlert[]): readonly AlertLetter[] {
  return (['raised', 'cleared'] as const).flatMap((owed) => {
    const these = due.filter((alert) => alert.owed === owed)
    if (these.length > MOST_SINGLE) return [digestOf(owed, these)]
    return these.map((alert) => single(owed, alert))
  })
}

const titleOf = ({ ailment }: StoredAlert): string => ruleOf(ailment)?.title ?? ailment
const kindOf = ({ ailment }: StoredAlert): string => ruleOf(ailment)?.kind ?? 'doctor'
const nameOf = ({ node, since, trouble }: StoredAlert): string => `${node} ${trouble} ${since}`
const inLine = (alert: StoredAlert): string =>
  `${titleOf(alert)}${alert.subject === '' ? '' : ` (${alert.subject})`}${alert.node === '' ? '' : `, node ${alert.node}`}`
const at = (time: number): string => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`

const END = 'mailwok doctor looks at everything again, and docs/doctor.md explains each finding.\n'

function single(owed: AlertLetter['owed'], alert: StoredAlert): AlertLetter {
  const isOver = owed === 'cleared'
  const key = `${isOver ? 'over' : kindOf(alert)}:${nameOf(alert)}`
  if (isOver) {
    const text = `Since ${at(alert.since)} this is over: ${inLine(alert)}.\n\nNothing is to be done.\n`
    return { owed, of: [alert], subject: `over: ${titleOf(alert)}`, text, key }
  }
  return { owed, of: [alert], subject: titleOf(alert), text: `${wordsOf(alert)}\n${END}`, key }
}

function digestOf(owed: AlertLetter['owed'], these: readonly StoredAlert[]): AlertLetter {
  const key = `${owed === 'cleared' ? 'over' : 'several'}:${these.map(nameOf).toSorted().join(' ')}`
  const count = `${these.length} things`
  if (owed === 'cleared') {
    const text = `These are over:\n\n${these.map((one) => `- ${inLine(one)}, since ${at(one.since)}`).join('\n')}\n`
    return { owed, of: these, subject: `over: ${count} that were wrong`, text, key }
  }
  return {
    owed,
    of: these,
    subject: `${count} are wrong`,
    text: `${these.map(wordsOf).join('\n')}\n${END}`,
    key,
  }
}

function wordsOf(alert: StoredAlert): string {
  const fix = alert.fix === '' ? '' : `\n${alert.fix.replace(/^/gm, '    ')}\n`
  return `${inLine(alert)}, since ${at(alert.since)}:\n\n${alert.why}\n${fix}`
}
