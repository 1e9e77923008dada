//
// Owns: the keys of what the operator is told by letter: [alerts]. Part of the table in schema.ts.

import { section, word } from './field.ts'

const DAYS = ['off', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

export const alerts = section('What server.operator is told by letter.', {
  weekly_report: word('monday', DAYS, 'The day (UTC) of one screen about the week; off: never.'),
})
