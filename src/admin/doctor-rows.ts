//
// Owns: what an operator can ask of the doctor on a running node, and how the answers look.

import type { Checkup } from '../core/diagnosis.ts'
import type { Result } from '../core/result.ts'

type AdminAnswer<T> = Promise<Result<T, { readonly code: string; readonly message: string }>>

export interface DoctorAdminActions {
  /** Looks now. */
  doctor(ask: { readonly depth: Checkup['depth'] }): AdminAnswer<Checkup>
  /** Brings a bounce of a mail of this domain back by the way that bounces take. */
  doctorBounce(ask: { readonly domain: string | null }): AdminAnswer<BounceRow>
  /** As it would be sent now. */
  weeklyReport(ask: Readonly<Record<string, never>>): AdminAnswer<{ readonly text: string }>
}

export const DOCTOR_ACTIONS = { doctor: 0, doctorBounce: 0, weeklyReport: 0 } satisfies Record<
  keyof DoctorAdminActions,
  0
>

export interface BounceRow {
  readonly domain: string
  readonly message: string
  /** Where the bounce was brought. */
  readonly return_path: string
  readonly steps: readonly BounceStep[]
  /** It was seen in the log. */
  readonly came_back: boolean
}

export interface BounceStep {
  readonly what: string
  readonly ok: boolean
  readonly said: string
}
