//
// Owns: the fields of Resend's POST /emails and /emails/batch, and what becomes of each.

import type { FieldTable } from '../fields.ts'

export const RESEND_SEND: FieldTable = {
  from: { to: 'from', example: 'Shop <shop@example.com>' },
  to: { to: 'to', example: ['a@example.net'] },
  subject: { to: 'subject', example: 'Your order' },
  cc: { to: 'cc', example: 'b@example.net' },
  bcc: { to: 'bcc', example: ['c@example.net'] },
  reply_to: { to: 'reply_to', example: 'desk@example.com' },
  html: { to: 'html', example: '<p>Thank you</p>' },
  text: { to: 'text', example: 'Thank you' },
  headers: { to: 'headers', example: { 'X-Order': '17' }, open: true },
  scheduled_at: {
    to: 'scheduled_at',
    example: '2027-01-15T10:30:00Z',
    note: 'ISO 8601; words such as "in 1 hour" are refused',
  },
  'attachments[].filename': { to: 'attachments[].filename', example: 'terms.txt' },
  'attachments[].content': {
    to: 'attachments[].content',
    example: 'SGVsbG8=',
    note: 'base64, or the octets as a list of numbers',
    open: true,
  },
  'attachments[].content_type': { to: 'attachments[].content_type', example: 'text/plain' },
  'attachments[].content_id': { to: 'attachments[].content_id', example: 'logo' },
  'attachments[].inline_content_id': {
    to: 'attachments[].content_id',
    example: 'logo',
    note: 'its name in older clients',
  },
  'attachments[].path': {
    refused: 'is not fetched: MailWok opens no address of a request; read the file and give it as content',
    example: 'https://example.com/terms.txt',
  },
  'tags[].name': { to: 'tags[]', example: 'category', note: 'each tag becomes `name:value`' },
  'tags[].value': { to: 'tags[]', example: 'order' },
  'template.id': { to: 'template_id', example: 'welcome' },
  'template.variables': { to: 'data', example: { name: 'Ann' }, open: true },
  topic_id: {
    refused: 'is not known here; name the list by "list" in POST /v1/email/send',
    example: 'b6d24b8e-af0b-4c3c-be0c-359bbd97381e',
  },
}

/** What MailWok's own names are called there. */
export const RESEND_NAMES: Readonly<Record<string, string>> = {
  template_id: 'template.id',
  data: 'template.variables',
}
