//
// Owns: what the routes of /v1/doctor say of themselves.

import { operation } from '../operation.ts'
import { CheckupView } from '../schema/doctor.ts'

export const LAST_CHECKUP = operation({
  summary: 'Get what the doctor found',
  description:
    'What was found at the last look: at the start, by the clock, or when somebody asked. For keys of the operator. The checks and what each can find are in [doctor.md](doctor.md).',
  answers: { 200: { description: 'The last look.', schema: CheckupView } },
})

export const RUN_CHECKUP = operation({
  summary: 'Look now',
  description:
    'Goes through all checks now and answers with what was found, after up to a minute. Who asks while a look is under way waits for it and gets the next one.',
  bodyExample: { depth: 'quick' },
  answers: { 200: { description: 'What was found.', schema: CheckupView } },
})
