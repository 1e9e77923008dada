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
    attachments:
      attachments === null || attachments === undefined
        ? undefined
        : listAt(attachments, 'attachments', faults),
    tags: tagsOf(tags, faults),
    template_id: wanted['id'],
    data: wanted['variables'] ?? (template ? {} : undefined),
  })
}

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
