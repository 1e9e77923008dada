//
// Owns: writing the tables of fields into docs/moving.md, from the tables that the facades go by: bun scripts/moving.ts

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FieldTable, isMapped } from '../src/edge/compat/fields.ts'
import { MAILGUN_SEND } from '../src/edge/compat/mailgun/fields.ts'
import { POSTMARK_SEND, POSTMARK_TEMPLATED } from '../src/edge/compat/postmark/fields.ts'
import { RESEND_SEND } from '../src/edge/compat/resend/fields.ts'
import { SENDGRID_SEND } from '../src/edge/compat/sendgrid/fields.ts'

const TABLES: Readonly<Record<string, FieldTable>> = {
  resend: RESEND_SEND,
  sendgrid: SENDGRID_SEND,
  postmark: { ...POSTMARK_SEND, ...POSTMARK_TEMPLATED },
  mailgun: MAILGUN_SEND,
}

/** The page with its tables as they should be. */
export const withTables = (page: string): string =>
  page.replace(
    /(<!-- fields: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, open: string, vendor: string, close: string) => `${open}${tableOf(TABLES[vendor] ?? {})}\n${close}`,
  )

function tableOf(table: FieldTable): string {
  const lines = Object.entries(table).map(([path, field]) => {
    const becomes = isMapped(field)
      ? `${field.to}${field.note === undefined ? '' : `: ${field.note}`}`
      : `**refused**: ${field.refused}`
    return `| \`${path}\` | ${becomes.replaceAll('|', '\\|')} |`
  })
  return ['| field | becomes |', '|---|---|', ...lines].join('\n')
}

if (import.meta.main) {
  const path = join(import.meta.dir, '..', 'docs', 'moving.md')
  writeFileSync(path, withTables(readFileSync(path, 'utf8')))
}
