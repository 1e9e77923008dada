//
// Owns: the fields of Postmark's POST /email and of sends with templates, and what becomes of each.

import type { FieldTable } from '../fields.ts'

export const POSTMARK_SEND: FieldTable = {
  From: { to: 'from', example: 'Shop <shop@example.com>' },
  To: { to: 'to', example: 'a@example.net, "B, b" <b@example.net>', note: 'a list with commas' },
  Cc: { to: 'cc', example: 'c@example.net' },
  Bcc: { to: 'bcc', example: 'd@example.net' },
  Subject: { to: 'subject', example: 'Your order' },
  Tag: { to: 'tags[0]', example: 'order' },
  HtmlBody: { to: 'html', example: '<p>Thank you</p>' },
  TextBody: { to: 'text', example: 'Thank you' },
  ReplyTo: { to: 'reply_to', example: 'desk@example.com' },
  'Headers[].Name': { to: 'headers', example: 'X-Order' },
  'Headers[].Value': { to: 'headers', example: '17' },
  TrackOpens: { to: 'track_opens', example: false },
  TrackLinks: {
    to: 'track_clicks',
    example: 'HtmlOnly',
    note: '`None` or `HtmlOnly`; links of the text part are never rewritten, so `HtmlAndText` and `TextOnly` are refused',
  },
  Metadata: { to: 'custom', example: { order: '17' }, open: true },
  'Attachments[].Name': { to: 'attachments[].filename', example: 'terms.txt' },
  'Attachments[].Content': { to: 'attachments[].content', example: 'SGVsbG8=' },
  'Attachments[].ContentType': { to: 'attachments[].content_type', example: 'text/plain' },
  'Attachments[].ContentID': {
    to: 'attachments[].content_id',
    example: 'cid:logo',
    note: 'with or without `cid:`',
  },
  'Attachments[].ContentLength': { to: 'what the content has', example: 5, note: 'counted anew' },
  'Attachments[].Disposition': {
    to: 'attachments[].content_id',
    example: 'attachment',
    note: '`attachment` or `inline`',
  },
  MessageStream: {
    to: 'stream',
    example: 'outbound',
    note: '`outbound` is transactional, `broadcast` is marketing; others are refused',
  },
}

export const POSTMARK_TEMPLATED: FieldTable = {
  ...Object.fromEntries(
    Object.entries(POSTMARK_SEND).filter(([name]) => !['Subject', 'HtmlBody', 'TextBody'].includes(name)),
  ),
  TemplateAlias: { to: 'template_id', example: 'welcome' },
  TemplateId: {
    refused: 'is a number of Postmark; name a template of MailWok by TemplateAlias',
    example: 1234,
  },
  TemplateModel: { to: 'data', example: { name: 'Ann' }, open: true },
  InlineCss: {
    refused: 'is a matter of the template here: styles are inlined when it is published',
    example: false,
    harmless: [true],
  },
}

/** What MailWok's own names are called there. */
export const POSTMARK_NAMES: Readonly<Record<string, string>> = {
  from: 'From',
  to: 'To',
  cc: 'Cc',
  bcc: 'Bcc',
  subject: 'Subject',
  tags: 'Tag',
  html: 'HtmlBody',
  text: 'TextBody',
  reply_to: 'ReplyTo',
  headers: 'Headers',
  track_opens: 'TrackOpens',
  track_clicks: 'TrackLinks',
  custom: 'Metadata',
  attachments: 'Attachments',
  filename: 'Name',
  content: 'Content',
  content_type: 'ContentType',
  content_id: 'ContentID',
  stream: 'MessageStream',
  template_id: 'TemplateAlias',
  data: 'TemplateModel',
}
