//
// Owns: from what was found and what was told to what changes: alerts that begin and end, and letters that are due. Pure.
//
// One letter for a trouble in a day, however often it comes and goes, and one when it is over; events for each change.

import { type Ailment, type Diagnosis, troubleOf } from '../../core/diagnosis.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'
import type { StoredAlert } from '../../store/alert-store.ts'
import { ruleOf } from './kinds.ts'

export interface Seen {
  readonly diagnoses: readonly Diagnosis[]
  readonly stored: readonly StoredAlert[]
  readonly node: string
  readonly now: Milliseconds
  /** Others write the letter that it began: here only the one that it is over. */
  readonly toldElsewhere: ReadonlySet<Ailment>
}

export interface Change {
  readonly alert: StoredAlert
  readonly type: 'alert.raised' | 'alert.cleared'
}

export function changesOf(seen: Seen): readonly Change[] {
  const { diagnoses, node, stored } = seen
  const found = new Map<string, Diagnosis>()
  for (const one of diagnoses) {
    const rule =
      one.ailment === null || one.state === 'unknown' || one.state === 'ok' ? null : ruleOf(one.ailment)
    if (rule !== null) found.set(nameOf(rule.of === 'node' ? node : '', troubleOf(one)), one)
  }
  const known = new Map(stored.map((alert) => [nameOf(alert.node, alert.trouble), alert]))
  const raised = [...found].flatMap(([name, one]): readonly Change[] => {
    const before = known.get(name)
    return before?.isOpen ? [] : [{ type: 'alert.raised', alert: raisedOf(one, before, seen) }]
  })
  const cleared = stored
    .filter((alert) => alert.isOpen && (alert.node === '' || alert.node === node))
    .filter((alert) => !found.has(nameOf(alert.node, alert.trouble)) && hasPassed(alert, diagnoses))
    .map((alert): Change => ({ type: 'alert.cleared', alert: clearedOf(alert, seen.now) }))
  return [...raised, ...cleared]
}

/** Neither what was not looked at has passed, nor that of which nobody could tell. */
function hasPassed({ subject, trouble }: StoredAlert, diagnoses: readonly Diagnosis[]): boolean {
  const looks = diagnoses.filter(({ check }) => trouble.startsWith(`${check} `))
  const isDark = looks.some((one) => one.state === 'unknown' && [subject, one.check].includes(one.subject))
  return looks.some(({ state }) => state !== 'unknown') && !isDark
}

const nameOf = (node: string, trouble: string): string => `${node} ${trouble}`

function raisedOf(
  one: Diagnosis,
  before: StoredAlert | undefined,
  { node, now, toldElsewhere }: Seen,
): StoredAlert {
  const ailment = one.ailment ?? ''
  const isTold = one.ailment !== null && toldElsewhere.has(one.ailment)
  // It ended and came back before anybody was told that it had ended.
  const isAsTold = isTold || before?.owed === 'cleared'
  return {
    node: ruleOf(ailment)?.of === 'all' ? '' : node,
    trouble: troubleOf(one),
    ailment,
    subject: one.subject,
    why: one.why,
    fix: one.fix.join('\n'),
    isOpen: true,
    since: now,
    owed: isAsTold ? '' : 'raised',
    told: isTold ? 'raised' : (before?.told ?? ''),
    toldAt: isTold ? now : (before?.toldAt ?? null),
    version: (before?.version ?? 0) + 1,
  }
}

/** Who was not told that it began need not hear that it is over. */
const clearedOf = (alert: StoredAlert, now: Milliseconds): StoredAlert => ({
  ...alert,
  isOpen: false,
  since: now,
  owed: alert.told === 'raised' ? 'cleared' : '',
  version: alert.version + 1,
})

export const isDue = ({ owed, toldAt }: StoredAlert, now: Milliseconds): boolean =>
  owed === 'cleared' || (owed === 'raised' && (toldAt === null || now - toldAt >= DAY))

export const toldOf = (alert: StoredAlert, now: Milliseconds): StoredAlert => ({
  ...alert,
  owed: '',
  told: alert.owed,
  toldAt: alert.owed === 'raised' ? now : alert.toldAt,
  version: alert.version + 1,
})
