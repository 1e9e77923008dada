//
// Owns: from a send of SendGrid's to those of MailWok: one for each personalization. Pure.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { Fields } from '../fields.ts'
import { placeholderFaults, SENDGRID_PLACEHOLDERS } from '../placeholders.ts'
import { MOST_IN_BATCH } from '../sending.ts'
import { type Budget, freshBudget, LONGEST_NAME, MOST_NAMES, MOST_OCTETS, putter } from '../substitution.ts'
import { flagAt, isObject, type Json, listAt, mailbox, numberAt, objectAt, said, textAt } from '../values.ts'
import { SENDGRID_SEND } from './fields.ts'

const FIELDS = new Fields(SENDGRID_SEND)

export interface ReadMail {
  /** What all of them have in common. */
  readonly shared: Json
  /** What each has of its own. */
  readonly emails: readonly Json[]
  /** Nothing is to be sent. */
  readonly isSandbox: boolean
}

export function readMail(body: unknown, faults: FieldFault[]): ReadMail {
  faults.push(...FIELDS.faults(body))
  const mail = objectAt(body ?? {}, 'the body', faults)
  const personalizations = listAt(mail['personalizations'], 'personalizations', faults)
  if (personalizations.length === 0) {
    const message = 'is required: a list with one or more'
    faults.push({ path: 'personalizations', code: 'required', message })
  }
  const shared = sharedOf(mail, faults)
  placeholderFaults({ content: shared['html'] }, SENDGRID_PLACEHOLDERS, faults)
  const settings = objectAt(mail['mail_settings'], 'mail_settings', faults)
  const sandbox = objectAt(settings['sandbox_mode'], 'mail_settings.sandbox_mode', faults)
  const isSandbox = flagAt(sandbox['enable'], 'mail_settings.sandbox_mode.enable', faults) ?? false
  if (personalizations.length > MOST_IN_BATCH) {
    const message = `has ${personalizations.length} entries; at most ${MOST_IN_BATCH} are taken at once`
    faults.push({ path: 'personalizations', code: 'too_large', message })
    return { shared, emails: [], isSandbox }
  }
  const budget = freshBudget()
  const emails = personalizations.map((one, place) =>
    emailOf(shared, { path: `personalizations[${place}]`, one, budget }, faults),
  )
  return { shared, emails, isSandbox }
}

function sharedOf(mail: Json, faults: FieldFault[]): Json {
  const replies = [
    personAt(mail['reply_to'], 'reply_to', faults),
    ...peopleAt(mail['reply_to_list'], 'reply_to_list', faults),
  ].filter((one) => one !== undefined)
  return said({
    from: personAt(mail['from'], 'from', faults),
    reply_to: orNone(replies),
    subject: textAt(mail['subject'], 'subject', faults),
    ...contentOf(mail['content'], faults),
    template_id: mail['template_id'],
    // Merging is asked for by it, and each brings its own.
    data: (mail['template_id'] ?? null) === null ? undefined : {},
    headers: orNothing(objectAt(mail['headers'], 'headers', faults)),
    custom: orNothing(objectAt(mail['custom_args'], 'custom_args', faults)),
    tags: mail['categories'],
    ip_pool: mail['ip_pool_name'],
    attachments: attachmentsOf(mail['attachments'], faults),
    scheduled_at: timeAt(mail['send_at'], 'send_at', faults),
    ...trackingOf(mail['tracking_settings'], faults),
    ...listOf(mail['asm'], faults),
  })
}

interface Personal {
  readonly path: string
  readonly one: unknown
  readonly budget: Budget
}

function emailOf(shared: Json, { budget, path, one }: Personal, faults: FieldFault[]): Json {
  const person = objectAt(one, path, faults)
  const to = peopleAt(person['to'], `${path}.to`, faults)
  if (to.length === 0) faults.push({ path: `${path}.to`, code: 'required', message: 'is required' })
  const values = substitutionsOf(person['substitutions'], `${path}.substitutions`, faults)
  const subject = textAt(person['subject'], `${path}.subject`, faults)
  const isTemplate = shared['data'] !== undefined
  const own = dataOf(person['dynamic_template_data'], { path, isTemplate }, faults)
  return said({
    from: personAt(person['from'], `${path}.from`, faults),
    to,
    cc: orNone(peopleAt(person['cc'], `${path}.cc`, faults)),
    bcc: orNone(peopleAt(person['bcc'], `${path}.bcc`, faults)),
    subject,
    ...(isTemplate
      ? {}
      : wordsOf(subject === undefined ? shared : { ...shared, subject }, { path, values, budget }, faults)),
    headers: over(shared['headers'], objectAt(person['headers'], `${path}.headers`, faults)),
    custom: over(shared['custom'], objectAt(person['custom_args'], `${path}.custom_args`, faults)),
    data: isTemplate ? orNothing({ ...named(values), ...own }) : own,
    scheduled_at: timeAt(person['send_at'], `${path}.send_at`, faults),
  })
}

/** Of a template the names alone: `{{name}}` and `-name-` are its `name`. */
const named = (values: ReadonlyMap<string, string>): Json =>
  Object.fromEntries([...values].map(([name, text]) => [name.replace(/^\W+|\W+$/g, ''), text]))

interface Put {
  readonly path: string
  readonly values: ReadonlyMap<string, string>
  readonly budget: Budget
}

/** Its own words, where something is put into those of all. */
function wordsOf(shared: Json, { budget, path, values }: Put, faults: FieldFault[]): Json {
  if (values.size === 0) return {}
  const put = putter(values, budget)
  const words: Record<string, string> = {}
  for (const name of ['subject', 'html', 'text']) {
    const text = shared[name]
    if (typeof text !== 'string') continue
    const own = put(text)
    if (own === null) {
      const message = `make more of all messages together than ${MOST_OCTETS / 1e6} MB`
      faults.push({ path: `${path}.substitutions`, code: 'too_large', message })
      return {}
    }
    words[name] = own
  }
  return words
}

const orNothing = (fields: Json) => (Object.keys(fields).length === 0 ? undefined : fields)

/** What a message has of its own stands in the place of what all have: so it brings both. */
const over = (shared: unknown, own: Json) =>
  Object.keys(own).length === 0 ? undefined : { ...(isObject(shared) ? shared : {}), ...own }

const orNone = (list: readonly string[]) => (list.length === 0 ? undefined : list)

function dataOf(
  value: unknown,
  { isTemplate, path }: { readonly path: string; readonly isTemplate: boolean },
  faults: FieldFault[],
): Json | undefined {
  if (value === null || value === undefined) return undefined
  if (!isTemplate) {
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

interface Parts {
  readonly html: string | undefined
  readonly text: string | undefined
}

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
    const id = textAt(file['content_id'] ?? file['contentId'], `${path}.content_id`, faults)
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

/** As there: each name is put in the place of its text, wherever that stands. */
function substitutionsOf(value: unknown, path: string, faults: FieldFault[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const [name, put] of Object.entries(objectAt(value, path, faults))) {
    const text = textAt(put, `${path}.${name}`, faults)
    if (name !== '' && text !== undefined) values.set(name, text)
    if (name.length > LONGEST_NAME) {
      faults.push({ path, code: 'too_large', message: `has a name of more than ${LONGEST_NAME} characters` })
      return new Map()
    }
  }
  if (values.size > MOST_NAMES) {
    faults.push({ path, code: 'too_large', message: `has more than ${MOST_NAMES} names` })
    return new Map()
  }
  return values
}
