//
// Owns: the fields of Mailgun's POST /v3/{domain}/messages, and what becomes of each.

import type { FieldTable, NotMapped } from '../fields.ts'

/** As his clients write yes and no. */
const NO = ['no', 'false', 'False', '']
const YES = ['yes', 'true', 'True', 'htmlonly', '']
const off = (refused: string): NotMapped => ({ refused, example: 'yes', harmless: NO })
const never = (refused: string, example: string): NotMapped => ({ refused, example, harmless: [''] })

export const MAILGUN_SEND: FieldTable = {
  from: { to: 'from', example: 'Shop <shop@example.com>' },
  to: { to: 'to', example: 'Ann <a@example.net>, b@example.net' },
  cc: { to: 'cc', example: 'c@example.net' },
  bcc: { to: 'bcc', example: 'd@example.net' },
  subject: { to: 'subject', example: 'Your order' },
  text: { to: 'text', example: 'Thank you' },
  html: { to: 'html', example: '<p>Thank you</p>' },
  attachment: { to: 'attachments[]', example: 'a file', open: true, note: 'several may be given' },
  inline: {
    to: 'attachments[]',
    example: 'a file',
    open: true,
    note: 'html names it by `cid:` and its file name',
  },
  template: { to: 'template_id', example: 'welcome', note: 'of a template of MailWok' },
  't:variables': { to: 'data', example: '{"name": "Ann"}', note: 'JSON' },
  't:version': never('is not known here: the published version is sent', 'v2'),
  't:text': {
    refused: 'is a matter of the template here: it has its own text, or one is made of its html',
    example: 'no',
    harmless: YES,
  },
  'amp-html': never('is not sent by MailWok; leave it out', '<html amp4email></html>'),
  'o:tag': { to: 'tags', example: 'order', note: 'several may be given' },
  'o:deliverytime': {
    to: 'scheduled_at',
    example: 'Fri, 15 Jan 2027 10:30:00 +0000',
    note: 'as in RFC 2822, or seconds since 1970; up to a year ahead',
  },
  'o:tracking': { to: 'track_opens, track_clicks', example: 'no' },
  'o:tracking-opens': { to: 'track_opens', example: 'no' },
  'o:tracking-clicks': {
    to: 'track_clicks',
    example: 'htmlonly',
    note: 'links of the text part are never rewritten',
  },
  'o:dkim': {
    refused: 'is always done',
    example: 'no',
    harmless: YES,
  },
  'o:testmode': off('is a matter of the key: use one that begins with mwk_test_'),
  'o:require-tls': off('is a matter of the receiving domain: [tls] of the configuration, MTA-STS and DANE'),
  'o:skip-verification': off('is a matter of the receiving domain: [tls] of the configuration'),
  'o:sending-ip-pool': { to: 'ip_pool', example: 'main' },
  'o:sending-ip': never('names an address; name a pool by o:sending-ip-pool', '192.0.2.1'),
  'o:secondary-dkim': never('is not known here: MailWok signs with the keys of the domain', 'example.com/s1'),
  'o:secondary-dkim-public': never(
    'is not known here: MailWok signs with the keys of the domain',
    'example.com/s1',
  ),
  'o:campaign': never('is not known here; use o:tag', 'summer'),
  'o:deliverytime-optimize-period': never('is not done here; use o:deliverytime', '24h'),
  'o:time-zone-localize': never('is not done here; use o:deliverytime', '10:30'),
  'o:tracking-pixel-location-top': off('is not known here: the pixel stands at the end'),
  'o:archive-to': never('is not known here; name the archive in bcc', 'https://example.com/'),
  'o:suppress-headers': never('is not known here: MailWok writes no X-Mailgun headers', 'all'),
  'recipient-variables': {
    to: 'a message for each recipient',
    example: '{"a@example.net": {"name": "Ann"}}',
    note: '`%recipient.name%` is put in before it is sent; at most 500 recipients',
  },
  'h:X-Mailgun-Variables': {
    to: 'data, custom',
    example: '{"city": "Ulm"}',
    note: 'JSON; data where a template is named',
  },
  'h:Reply-To': { to: 'reply_to', example: 'desk@example.com' },
  'h:*': { to: 'headers', example: '17', note: 'such as `h:X-Order`' },
  'v:*': {
    to: 'custom',
    example: '17',
    note: 'such as `v:order`; JSON is kept as JSON; with a template it is data too',
  },
}

const IN_MESSAGE = 'stands in the message itself'

/** Of POST /v3/{domain}/messages.mime. */
export const MAILGUN_MIME: FieldTable = {
  to: { to: 'to', example: 'Ann <a@example.net>, b@example.net' },
  message: { to: 'raw', example: 'a file', open: true },
  ...Object.fromEntries(
    Object.entries(MAILGUN_SEND).filter(([name]) => /^(?:o:|v:|recipient-variables|t:|template)/.test(name)),
  ),
  'recipient-variables': never('is not put into a message that is finished; use /messages', '{}'),
  template: never('does not go with a message that is finished', 'welcome'),
  't:variables': never('does not go with a message that is finished', '{}'),
  from: never(IN_MESSAGE, 'shop@example.com'),
  cc: never(IN_MESSAGE, 'c@example.net'),
  bcc: never('is an address of to here', 'd@example.net'),
  subject: never(IN_MESSAGE, 'Your order'),
  text: never(IN_MESSAGE, 'Thank you'),
  html: never(IN_MESSAGE, '<p>Thank you</p>'),
  attachment: { refused: IN_MESSAGE, example: 'a file' },
  inline: { refused: IN_MESSAGE, example: 'a file' },
  'h:*': never(IN_MESSAGE, '17'),
}

/** What MailWok's own names are called there. */
export const MAILGUN_NAMES: Readonly<Record<string, string>> = {
  tags: 'o:tag',
  scheduled_at: 'o:deliverytime',
  template_id: 'template',
  data: 't:variables',
  custom: 'v:',
  headers: 'h:',
  reply_to: 'h:Reply-To',
  attachments: 'attachment',
  ip_pool: 'o:sending-ip-pool',
  messages: 'to',
}
