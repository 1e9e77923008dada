//
// Owns: the fields of SendGrid's POST /v3/mail/send, and what becomes of each.

import type { FieldTable, Mapped, NotMapped } from '../fields.ts'

const ADDRESS = { email: 'a@example.net', name: 'Ann' }

const people = (path: string, to: string): FieldTable => ({
  [`${path}.email`]: { to, example: ADDRESS.email },
  [`${path}.name`]: { to, example: ADDRESS.name },
})

const off = (refused: string): NotMapped => ({ refused, example: true, harmless: [false] })
const detail = (refused: string, example: unknown): NotMapped => ({ refused, example, harmless: [''] })

const OWN_NAMES: Pick<Mapped, 'open'> = { open: true }

const PERSONALIZATIONS: FieldTable = {
  ...people('personalizations[].from', 'from'),
  ...people('personalizations[].to[]', 'to[]'),
  ...people('personalizations[].cc[]', 'cc[]'),
  ...people('personalizations[].bcc[]', 'bcc[]'),
  'personalizations[].subject': { to: 'subject', example: 'Yours' },
  'personalizations[].headers': { to: 'headers', example: { 'X-Order': '17' }, ...OWN_NAMES },
  'personalizations[].substitutions': {
    to: 'subject, html, text',
    example: { '-name-': 'Ann' },
    note: 'put in as they are, before it is sent; with a template they are its data',
    ...OWN_NAMES,
  },
  'personalizations[].dynamic_template_data': { to: 'data', example: { name: 'Ann' }, ...OWN_NAMES },
  'personalizations[].custom_args': { to: 'custom', example: { order: '17' }, ...OWN_NAMES },
  'personalizations[].send_at': { to: 'scheduled_at', example: 1_800_000_000 },
}

const SETTINGS: FieldTable = {
  'mail_settings.bypass_list_management.enable': off(
    'is not possible: whoever is on the suppression list is not written to; take the entry off by /v1/suppressions',
  ),
  'mail_settings.bypass_spam_management.enable': off('is not possible: the suppression list always holds'),
  'mail_settings.bypass_bounce_management.enable': off('is not possible: the suppression list always holds'),
  'mail_settings.bypass_unsubscribe_management.enable': off(
    'is not possible: the suppression list always holds',
  ),
  'mail_settings.footer.enable': off('is not known here; write the footer into content or a template'),
  'mail_settings.footer.text': detail('is not known here; write the footer into content', 'bye'),
  'mail_settings.footer.html': detail('is not known here; write the footer into content', '<p>bye</p>'),
  'mail_settings.bcc.enable': off('is not known here; name the archive in bcc of each personalization'),
  'mail_settings.bcc.email': detail('goes with what is not known here', 'archive@example.com'),
  'mail_settings.spam_check.enable': off('is not done here'),
  'mail_settings.spam_check.threshold': {
    refused: 'goes with what is not done here',
    example: 11,
    harmless: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  },
  'mail_settings.spam_check.post_to_url': detail('goes with what is not done here', 'https://example.com/'),
  'mail_settings.sandbox_mode.enable': {
    to: 'nothing is sent',
    example: true,
    note: 'the request is checked as far as its form goes, and answered with 200',
  },
  'tracking_settings.click_tracking.enable': { to: 'track_clicks', example: false },
  'tracking_settings.click_tracking.enable_text': off('is not done: links of the text part stay as they are'),
  'tracking_settings.open_tracking.enable': { to: 'track_opens', example: false },
  'tracking_settings.open_tracking.substitution_tag': detail(
    'is not known here: the pixel stands at the end',
    '%open%',
  ),
  'tracking_settings.subscription_tracking.enable': off(
    'is not known here: ask for List-Unsubscribe by asm.group_id, or by "list_unsubscribe" in POST /v1/email/send',
  ),
  'tracking_settings.subscription_tracking.text': detail('goes with what is not known here', 'x'),
  'tracking_settings.subscription_tracking.html': detail('goes with what is not known here', 'x'),
  'tracking_settings.subscription_tracking.substitution_tag': detail(
    'goes with what is not known here',
    '<%x%>',
  ),
  'tracking_settings.ganalytics.enable': off('is not known here; write the parameters into the links'),
  ...Object.fromEntries(
    ['source', 'medium', 'term', 'content', 'campaign'].map((part) => [
      `tracking_settings.ganalytics.utm_${part}`,
      detail('goes with what is not known here; write the parameters into the links', 'x'),
    ]),
  ),
}

export const SENDGRID_SEND: FieldTable = {
  ...PERSONALIZATIONS,
  ...people('from', 'from'),
  ...people('reply_to', 'reply_to'),
  ...people('reply_to_list[]', 'reply_to[]'),
  subject: { to: 'subject', example: 'Your order' },
  'content[].type': { to: 'html or text', example: 'text/plain', note: '`text/plain` and `text/html`' },
  'content[].value': { to: 'html or text', example: 'Thank you' },
  'attachments[].content': { to: 'attachments[].content', example: 'SGVsbG8=' },
  'attachments[].type': { to: 'attachments[].content_type', example: 'text/plain' },
  'attachments[].filename': { to: 'attachments[].filename', example: 'terms.txt' },
  'attachments[].disposition': {
    to: 'attachments[].content_id',
    example: 'attachment',
    note: '`inline` needs content_id',
  },
  'attachments[].content_id': { to: 'attachments[].content_id', example: 'logo' },
  'attachments[].contentId': {
    to: 'attachments[].content_id',
    example: 'logo',
    note: 'as the Node client writes it',
  },
  template_id: {
    to: 'template_id',
    example: 'welcome',
    note: 'of a template of MailWok; the Node client sends dynamicTemplateData only where it begins with `d-`',
  },
  headers: { to: 'headers', example: { 'X-Order': '17' }, ...OWN_NAMES },
  categories: { to: 'tags', example: ['order'] },
  custom_args: { to: 'custom', example: { order: '17' }, ...OWN_NAMES },
  send_at: { to: 'scheduled_at', example: 1_800_000_000 },
  'asm.group_id': {
    to: 'list, list_unsubscribe',
    example: 17,
    note: 'the list `asm-17`, and a way to leave it',
  },
  'asm.groups_to_display': {
    refused: 'is not known here: the page shows the one list, and all mail',
    example: [17],
  },
  ip_pool_name: { to: 'ip_pool', example: 'main' },
  sections: {
    refused: 'is not known here; put the text into substitutions',
    example: { a: 'b' },
  },
  batch_id: {
    refused:
      'is not known here; cancel a message by POST /v1/email/{id}/cancel with the id of the X-Message-Id header',
    example: 'HkJ5yLYULb7Rj8GKSx7u025ouWVlMgAi',
  },
  ...SETTINGS,
}

/** What MailWok's own names are called there. */
export const SENDGRID_NAMES: Readonly<Record<string, string>> = {
  messages: 'personalizations',
  html: 'content',
  text: 'content',
  tags: 'categories',
  custom: 'custom_args',
  scheduled_at: 'send_at',
  data: 'dynamic_template_data',
  ip_pool: 'ip_pool_name',
  content_type: 'type',
}
