//
// Owns: the shapes of /v1/doctor.

import { t } from 'elysia'
import { AILMENTS, CHECKS } from '../../../core/diagnosis.ts'

const words = <W extends string>(all: readonly W[]) => t.Union(all.map((word) => t.Literal(word)))

export const DoctorBody = t.Object(
  {
    depth: t.Optional(
      t.Union([t.Literal('quick'), t.Literal('full')], {
        description: '`quick` asks nobody beyond the name servers. `full` unless said.',
      }),
    ),
  },
  { additionalProperties: false },
)

const DiagnosisView = t.Object({
  check: words(Object.keys(CHECKS) as (keyof typeof CHECKS)[]),
  state: words(['ok', 'warn', 'fail', 'unknown']),
  ailment: t.Union([words(Object.keys(AILMENTS) as (keyof typeof AILMENTS)[]), t.Null()], {
    description: 'What is wrong, by a name that is kept; null where nothing is.',
  }),
  subject: t.String({ description: 'An address, a name, a path or a port.' }),
  why: t.String(),
  fix: t.Array(t.String(), { description: 'Lines to type or paste.' }),
  mendable: t.Boolean({ description: '`mailwok doctor --fix` can do it.' }),
  docs: t.String(),
})

export const CheckupView = t.Object({
  success: t.Literal(true),
  checked_at: t.String(),
  took_ms: t.Integer(),
  depth: words(['quick', 'full']),
  failed: t.Boolean({ description: 'Something is in the state fail.' }),
  data: t.Array(DiagnosisView),
})
