//
// Owns: how one diagnosis is written down.

import { AILMENTS, type Ailment, type Check, type CheckState, type Diagnosis } from '../../core/diagnosis.ts'

export const fine = (check: Check, subject: string, why: string): Diagnosis => ({
  check,
  ailment: null,
  state: 'ok',
  subject,
  why,
  fix: [],
  mendable: false,
})

export interface Trouble {
  readonly subject: string
  readonly why: string
  readonly fix: readonly string[]
  readonly mendable?: boolean
}

const said = (ailment: Ailment, state: CheckState, { mendable = false, ...of }: Trouble): Diagnosis => ({
  check: AILMENTS[ailment],
  ailment,
  state,
  ...of,
  mendable,
})

/** Mail fails, or soon will. */
export const fail = (ailment: Ailment, trouble: Trouble): Diagnosis => said(ailment, 'fail', trouble)
/** Mail goes, worse than it could. */
export const warn = (ailment: Ailment, trouble: Trouble): Diagnosis => said(ailment, 'warn', trouble)
/** Nobody could tell. */
export const unknown = (ailment: Ailment, trouble: Trouble): Diagnosis => said(ailment, 'unknown', trouble)
