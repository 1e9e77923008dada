//
// Owns: from a send of SendGrid's to those of MailWok: one for each personalization. Pure.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { Fields } from '../fields.ts'
import { flagAt, type Json, listAt, mailbox, numberAt, objectAt, said, textAt } from '../values.ts'
import { SENDGRID_SEND } from './fields.ts'

const FIELDS = new Fields(SENDGRID_SEND)

export interface ReadMail {
  readonly emails: readonly Json[]
  /** Nothing is to be sent. */
  readonly isSandbox: boolean
}

export function readMail(body: unknown, faults: FieldFault[]): ReadMail {
  faults.push(...FIELDS.faults(body))
  const mail = objectAt(body ?? {}, 'the body', faults)
  const personalizations = listAt(mail['personalizations'], 'personalizations', faults)
  if (personalizations.length === 0) {
    faults.push({
      path: 'personalizations',
      code: 'required',
      message: 'is required: a list with one or more',
    })
  }
  const shared = sharedOf(mail, faults)
  const emails = personalizations.map((one, place) =>
    emailOf(shared, { path: `personalizations[${place}]`, one }, faults),
  )
  const settings = objectAt(mail['mail_settings'], 'mail_settings', faults)
  const sandbox = objectAt(settings['sandbox_mode'], 'mail_settings.sandbox_mode', faults)
  const isSandbox = flagAt(sandbox['enable'], 'mail_settings.sandbox_mode.enable', faults) ?? false
  return { emails, isSandbox }
}

interface Shared {
  readonly fields: Json
  readonly headers: Json
  readonly custom: Json
  readonly subject: string | undefined
  readonly html: string | undefined
  readonly text: string | undefined
  readonly sendAt: string | undefined
  readonly hasTemplate: boolean
}

function sharedOf(mail: Json, faults: FieldFault[]): Shared {
  const replies = [
    personAt(mail['reply_to'], 'reply_to', faults),
    ...peopleAt(mail['reply_to_list'], 'reply_to_list', faults),
  ].filter((one) => one !== undefined)
  const content = contentOf(mail['content'], faults)
  return {
    fields: {
      from: personAt(mail['from'], 'from', faults),
      reply_to: replies.length === 0 ? undefined : replies,
      template_id: mail['template_id'],
      tags: mail['categories'],
      ip_pool: mail['ip_pool_name'],
      attachments: attachmentsOf(mail['attachments'], faults),
      ...trackingOf(mail['tracking_settings'], faults),
      ...listOf(mail['asm'], faults),
    },
    headers: objectAt(mail['headers'], 'headers', faults),
    custom: objectAt(mail['custom_args'], 'custom_args', faults),
    subject: textAt(mail['subject'], 'subject', faults),
    ...content,
    sendAt: timeAt(mail['send_at'], 'send_at', faults),
    hasTemplate: mail['template_id'] !== undefined && mail['template_id'] !== null,
  }
}

interface Personal {
  readonly path: string
  readonly one: unknown
}

function emailOf(shared: Shared, { path, one }: Personal, faults: FieldFault[]): Json {
  const person = objectAt(one, path, faults)
  const to = peopleAt(person['to'], `${path}.to`, faults)
  if (to.length === 0) faults.push({ path: `${path}.to`, code: 'required', message: 'is required' })
  const headers = { ...shared.headers, ...objectAt(person['headers'], `${path}.headers`, faults) }
  const custom = { ...shared.custom, ...objectAt(person['custom_args'], `${path}.custom_args`, faults) }
  const put = substitutionsOf(person['substitutions'], `${path}.substitutions`, faults)
  const data = dataOf(person['dynamic_template_data'], { path, hasTemplate: shared.hasTemplate }, faults)
  const subject = textAt(person['subject'], `${path}.subject`, faults) ?? shared.subject
  return said({
    ...shared.fields,
    from: personAt(person['from'], `${path}.from`, faults) ?? shared.fields['from'],
    to,
    cc: orNone(peopleAt(person['cc'], `${path}.cc`, faults)),
    bcc: orNone(peopleAt(person['bcc'], `${path}.bcc`, faults)),
    subject: put(subject),
    html: put(shared.html),
    text: put(shared.text),
    headers: Object.keys(headers).length === 0 ? undefined : headers,
    custom: Object.keys(custom).length === 0 ? undefined : custom,
    data,
    scheduled_at: timeAt(person['send_at'], `${path}.send_at`, faults) ?? shared.sendAt,
  })
}

const orNone = (list: readonly string[]) => (list.length === 0 ? undefined : list)

function dataOf(
  value: unknown,
  { hasTemplate, path }: { readonly path: string; readonly hasTemplate: boolean },
  faults: FieldFault[],
): Json | undefined {
  if (value === null || value === undefined) return hasTemplate ? {} : undefined
  if (!hasTemplate) {
    const message = 'goes with template_id alone'
    faults.push({ path: `${path}.dynamic_template_data`, code: 'invalid', message })
  }
  return objectAt(value, `${path}.dynamic_template_data`, faults)
}

function personAt(value: unknown, path: string, faults: FieldFault[]): string | undefined {
  if (value === null || value === undefined) return undefined
  const person = objectAt(value, path, faults)
  const email = textAt(person['email'], `${path}.email`, faults)
  const name = textAt(person['name'], `${path}.name`, faults)
  if (email !== undefined) return mailbox(email, name)
  faults.push({ path: `${path}.email`, code: 'required', message: 'is required' })
  return undefined
}

const peopleAt = (value: unknown, path: string, faults: FieldFault[]): string[] =>
  listAt(value, path, faults).flatMap((one, place) => personAt(one, `${path}[${place}]`, faults) ?? [])

type Parts = Pick<Shared, 'html' | 'text'>

function contentOf(value: unknown, faults: FieldFault[]): Parts {
  const parts: { html: string | undefined; text: string | undefined } = { html: undefined, text: undefined }
  for (const [place, one] of listAt(value, 'content', faults).entries()) {
    const part = objectAt(one, `content[${place}]`, faults)
    const type = textAt(part['type'], `content[${place}].type`, faults)?.toLowerCase()
    const words = textAt(part['value'], `content[${place}].value`, faults)
    const kind = type === 'text/html' ? 'html' : type === 'text/plain' ? 'text' : null
    if (kind === null) {
      const message = 'is neither text/plain nor text/html; send anything else as an attachment'
      faults.push({ path: `content[${place}].type`, code: 'not_available', message })
    } else if (parts[kind] !== undefined) {
      faults.push({ path: `content[${place}].type`, code: 'invalid', message: `is the second ${type}` })
    } else if (words !== undefined) parts[kind] = words
  }
  return parts
}

function attachmentsOf(value: unknown, faults: FieldFault[]): Json[] | undefined {
  if (value === null || value === undefined) return undefined
  return listAt(value, 'attachments', faults).map((one, place) => {
    const path = `attachments[${place}]`
    const file = objectAt(one, path, faults)
    const id = textAt(file['content_id'], `${path}.content_id`, faults)
    const disposition = textAt(file['disposition'], `${path}.disposition`, faults) ?? 'attachment'
    if (disposition === 'inline' && !id) {
      faults.push({ path: `${path}.content_id`, code: 'required', message: 'is required where it is inline' })
    }
    if (disposition !== 'inline' && disposition !== 'attachment') {
      faults.push({
        path: `${path}.disposition`,
        code: 'invalid',
        message: 'is neither inline nor attachment',
      })
    }
    return said({
      filename: file['filename'],
      content: file['content'],
      content_type: file['type'],
      // What html does not show is a file.
      content_id: disposition === 'inline' ? id : undefined,
    })
  })
}

function trackingOf(value: unknown, faults: FieldFault[]): Json {
  const tracking = objectAt(value, 'tracking_settings', faults)
  const enabled = (name: string) => {
    const path = `tracking_settings.${name}`
    return flagAt(objectAt(tracking[name], path, faults)['enable'], `${path}.enable`, faults)
  }
  return { track_clicks: enabled('click_tracking'), track_opens: enabled('open_tracking') }
}

function listOf(value: unknown, faults: FieldFault[]): Json {
  const group = numberAt(objectAt(value, 'asm', faults)['group_id'], 'asm.group_id', faults)
  return group === undefined ? {} : { list: `asm-${group}`, list_unsubscribe: true }
}

/** Seconds since 1970. */
function timeAt(value: unknown, path: string, faults: FieldFault[]): string | undefined {
  const seconds = numberAt(value, path, faults)
  if (seconds === undefined) return undefined
  if (Number.isInteger(seconds) && seconds >= 0 && seconds < 1e11)
    return new Date(seconds * 1000).toISOString()
  faults.push({ path, code: 'invalid', message: 'wants whole seconds since 1970' })
  return undefined
}

/** As there: each name is put in the place of its text, wherever that stands; the longest name first. */
function substitutionsOf(value: unknown, path: string, faults: FieldFault[]) {
  const pairs = Object.entries(objectAt(value, path, faults)).flatMap(([name, put]) => {
    const text = textAt(put, `${path}.${name}`, faults)
    return name === '' || text === undefined ? [] : [[name, text] as const]
  })
  if (pairs.length === 0) return (text: string | undefined) => text
  const by = new Map(pairs)
  const names = [...by.keys()].toSorted((one, other) => other.length - one.length)
  const anyName = new RegExp(names.map((name) => RegExp.escape(name)).join('|'), 'g')
  return (text: string | undefined) => text?.replace(anyName, (name) => by.get(name) ?? name)
}
