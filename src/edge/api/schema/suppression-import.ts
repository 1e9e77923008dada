//
// Owns: the query of POST /v1/suppressions/import and its answer, as schemas.

import { t } from 'elysia'
import { LIST_ORIGINS } from '../../../services/suppression/foreign-list.ts'
import { LIST_KINDS } from '../../../services/suppression/foreign-reasons.ts'
import { done, whole, words } from './answers.ts'

export const ImportQuery = t.Object({
  from: t.Optional(words(LIST_ORIGINS, 'Whose export it is; else the names of its columns tell.')),
  kind: t.Optional(words(LIST_KINDS, 'What it holds, where its columns do not tell.')),
  dry_run: t.Optional(t.Boolean({ default: false, description: 'Only say what would come of it.' })),
})

export const Imported = done({
  from: words(LIST_ORIGINS),
  rows: whole({ minimum: 0, description: 'Of the file, but for its head.' }),
  added: whole({ minimum: 0 }),
  skipped: whole({ minimum: 0, description: 'The other service writes to them as well.' }),
  refused: whole({ minimum: 0 }),
  dry_run: t.Boolean(),
  failed: t.Array(t.Object({ line: whole({ minimum: 1 }), field: t.String(), message: t.String() }), {
    description: 'The first hundred rows that were skipped or refused.',
  }),
})
