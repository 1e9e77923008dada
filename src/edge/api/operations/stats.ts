//
// Owns: what the routes of /v1/stats and of health say of themselves.

import { t } from 'elysia'
import { operation } from '../operation.ts'
import { SendingStates, StatsQuery, StatsReport } from '../schema/stats-answers.ts'

export const GET_STATS = operation({
  summary: 'Get statistics',
  description:
    'What became of the account’s mail: a series by hour or day, or the busiest names of a dimension with their sums.',
  query: StatsQuery,
  answers: { 200: { description: 'A series with its totals, or names.', schema: StatsReport } },
})

export const GET_SENDING = operation({
  summary: 'Get what is warned or paused',
  description: 'Whether marketing mail is near a limit, or paused for what recipients thought of it.',
  answers: { 200: { description: 'What is warned, paused or resumed.', schema: SendingStates } },
})

export const LIVEZ = operation({
  summary: 'Alive',
  description: 'Answers as long as the process does. No key is needed.',
  answers: {
    200: {
      description: 'It is.',
      schema: t.Object({ status: t.Literal('alive') }),
      example: { status: 'alive' },
    },
  },
})

export const READYZ = operation({
  summary: 'Ready',
  description: 'Whether mail is taken and delivered, with reasons where not. No key is needed.',
  answers: {
    200: {
      description: 'It is.',
      schema: t.Object({ status: t.Literal('ready') }),
      example: { status: 'ready' },
    },
    503: {
      description: 'It is not.',
      schema: t.Object({
        status: t.Literal('not ready'),
        reasons: t.Array(t.Object({ part: t.String(), reason: t.String() })),
      }),
    },
  },
})
