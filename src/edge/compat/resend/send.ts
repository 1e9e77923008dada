//
// Owns: from a send of Resend's to one of MailWok's. Pure.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { Fields } from '../fields.ts'
import { placeholderFaults, RESEND_PLACEHOLDERS } from '../placeholders.ts'
import { isObject, type Json, listAt, objectAt, said, textAt } from '../values.ts'
import { RESEND_SEND } from './fields.ts'

const FIELDS = new Fields(RESEND_SEND)

export function readEmail(body: unknown, faults: FieldFault[]): Json {
  faults.push(...FIELDS.faults(body))
  const email = objectAt(body ?? {}, 'the body', faults)
  const { attachments, tags, template, ...rest } = email
  placeholderFaults({ html: email['html'], text: email['text'] }, RESEND_PLACEHOLDERS, faults)
  const wanted = objectAt(template, 'template', faults)
  return said({
    ...rest,
    ...peopleOf(email),
    scheduled_at: timeOf(email['scheduled_at']),
    attachments:
      attachments === null || attachments === undefined
        ? undefined
        : listAt(attachments, 'attachments', faults).map(fileOf),
    tags: tagsOf(tags, faults),
    template_id: wanted['id'],
    data: wanted['variables'] ?? (template ? {} : undefined),
  })
}

/** As his own answers write a time, `2026-12-25 12:00:00.123456+00`, which programs send back; else as it came. */
function timeOf(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const [, day, time, offset] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?)([+-]\d\d)(?::?00)?$/.exec(value) ?? []
  return day === undefined ? value : `${day}T${time}${offset}:00`
}

/** An empty list names nobody: typed clients write it where nothing was given. */
function peopleOf(email: Json): Json {
  const lists = ['cc', 'bcc', 'reply_to'].filter((name) => {
    const value = email[name]
    return Array.isArray(value) && value.length === 0
  })
  return Object.fromEntries(lists.map((name) => [name, undefined]))
}

/** As the vendor's clients write a file: base64, a list of octets (Python, Go, Ruby, Rust), or Node's Buffer. */
function fileOf(one: unknown): unknown {
  if (!isObject(one)) return one
  const { content, content_id, inline_content_id, ...rest } = one
  return said({ ...rest, content: contentOf(content), content_id: content_id ?? inline_content_id })
}

function contentOf(content: unknown): unknown {
  const octets = isObject(content) && content['type'] === 'Buffer' ? content['data'] : content
  if (!Array.isArray(octets) || !octets.every(isOctet)) return content
  return Buffer.from(octets).toString('base64')
}

const isOctet = (one: unknown): boolean =>
  typeof one === 'number' && Number.isInteger(one) && one >= 0 && one <= 255

function tagsOf(value: unknown, faults: FieldFault[]): string[] | undefined {
  if (value === null || value === undefined) return undefined
  return listAt(value, 'tags', faults).map((each, place) => {
    const tag = objectAt(each, `tags[${place}]`, faults)
    const name = textAt(tag['name'], `tags[${place}].name`, faults)
    const said = textAt(tag['value'], `tags[${place}].value`, faults)
    if (isObject(each) && name === undefined) {
      faults.push({ path: `tags[${place}].name`, code: 'required', message: 'is required' })
    }
    return said === undefined || said === '' ? (name ?? '') : `${name}:${said}`
  })
}

/** As they were given. */
export const tagPairs = (tags: readonly string[]): { name: string; value: string }[] =>
  tags.map((tag) => {
    const colon = tag.indexOf(':')
    return colon === -1
      ? { name: tag, value: '' }
      : { name: tag.slice(0, colon), value: tag.slice(colon + 1) }
  })
