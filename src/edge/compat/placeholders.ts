//
// Owns: what vendors themselves put into a text that is sent, and MailWok does not: it would go out as it stands. Pure.

import type { FieldFault } from '../../services/submission/refusal.ts'

const INSTEAD =
  'which would go out as it stands; every marketing mail has List-Unsubscribe, and {{ unsubscribe_url }} stands for it in a template or with "data" in POST /v1/email/send'

/** Faults of the words of one message, by the vendor's names of them. */
export function placeholderFaults(
  words: Readonly<Record<string, unknown>>,
  known: RegExp,
  faults: FieldFault[],
): void {
  for (const [path, text] of Object.entries(words)) {
    const [found] = typeof text === 'string' ? (known.exec(text) ?? []) : []
    if (found !== undefined) {
      faults.push({ path, code: 'not_available', message: `holds ${found}, ${INSTEAD}` })
    }
  }
}

export const SENDGRID_PLACEHOLDERS =
  /<%asm_(?:group_unsubscribe_raw_url|global_unsubscribe_raw_url|preferences_raw_url)%>|\[(?:unsubscribe|weblink)\]/i
export const POSTMARK_PLACEHOLDERS = /\{\{\{?\s*pm:unsubscribe(?:_url)?\s*\}?\}\}/i
export const MAILGUN_PLACEHOLDERS = /%(?:tag_|mailing_list_)?unsubscribe_url%/i
export const RESEND_PLACEHOLDERS = /\{\{\{\s*RESEND_UNSUBSCRIBE_URL\s*\}\}\}/i
