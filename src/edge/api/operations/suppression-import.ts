//
// Owns: what POST /v1/suppressions/import says of itself.

import { operation } from '../operation.ts'
import { Imported, ImportQuery } from '../schema/suppression-import.ts'

export const IMPORT_ENTRIES = operation({
  summary: 'Import suppressions',
  description:
    'A CSV file of any length as the body: our own columns, or the export of SendGrid, Mailgun, Postmark, Resend or Amazon SES. It is read as it comes; what was read is in, whatever becomes of the rest, and the same file again does no harm. Test keys only hear what would come of it.',
  query: ImportQuery,
  bodies: { 'text/csv': null },
  bodyExample: 'address,reason\nada@example.net,unsubscribe\n',
  answers: {
    200: {
      description: 'What became of its rows.',
      schema: Imported,
      example: {
        success: true,
        from: 'mailwok',
        rows: 1,
        added: 1,
        skipped: 0,
        refused: 0,
        dry_run: false,
        failed: [],
      },
    },
  },
  problems: [
    'malformed_csv',
    'unsupported_media_type',
    'storage_full',
    'storage_busy',
    'storage_unavailable',
  ],
})
