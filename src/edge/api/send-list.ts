//
// Owns: `stream`, `list` and `list_unsubscribe` of a send: which list it is, and how its recipients will leave. Pure.

import type { MessageWishes } from '../../core/message.ts'
import { wayOutUrl } from '../../services/submission/list-fields.ts'
import {
  isListLabel,
  LABEL_WANTED,
  listWishes,
  namesWayOut,
  type OwnWayOut,
  ownFields,
  readOwnWayOut,
} from '../../services/submission/list-wish.ts'
import type { FieldCode, FieldFault } from '../../services/submission/refusal.ts'
import type { SendBody } from './schema/send.ts'

export interface SendList {
  readonly wishes: MessageWishes
  /** Fields that the sender's own way out comes to. */
  readonly headers: Readonly<Record<string, string>>
  /** What `{{unsubscribe_url}}` stands for; null: there is no way out that could stand in a link. */
  readonly url: string | null
}

type ListBody = Pick<SendBody, 'stream' | 'list' | 'list_unsubscribe' | 'headers'>

/** `base` is what our own page's address begins with. */
export function readList(body: ListBody, base: string, faults: FieldFault[]): SendList {
  const { list_unsubscribe: asked } = body
  const written = writtenField(body.headers)
  const own = typeof asked === 'object' ? ownOf(asked, faults) : null
  if (body.list !== undefined && !isListLabel(body.list)) {
    faults.push({ path: 'list', code: 'invalid', message: `wants ${LABEL_WANTED}` })
  }
  if (written !== undefined && asked !== undefined && asked !== false) {
    faults.push(
      fault('stands twice: the field List-Unsubscribe is also in headers; leave out one of them', 'conflict'),
    )
  }
  const wishes = listWishes({
    stream: body.stream ?? 'transactional',
    list: body.list ?? null,
    wanted: written !== undefined ? false : typeof asked === 'boolean' ? asked : null,
    hasOwn: typeof asked === 'object' || (written !== undefined && namesWayOut(written)),
  })
  if (wishes === null) {
    faults.push(
      fault(
        asked === false
          ? 'is false, and "stream" is "marketing": that needs a way to unsubscribe; leave it out, or name your own as {"url", "mailto"}'
          : '(the field List-Unsubscribe in headers) names no URL in angle brackets, and "stream" is "marketing"',
        'required',
      ),
    )
  }
  return {
    wishes: wishes ?? {},
    headers: own === null ? {} : ownFields(own),
    url: wishes?.unsubscribe ? wayOutUrl(base, wishes.list) : (own?.url ?? own?.mailto ?? null),
  }
}

function ownOf(asked: { url?: string; mailto?: string }, faults: FieldFault[]): OwnWayOut | null {
  const read = readOwnWayOut(asked)
  if (read.ok) return read.value
  const { field, message } = read.error
  faults.push({ path: `list_unsubscribe.${field}`, code: 'invalid', message })
  return null
}

function writtenField(headers: SendBody['headers']): string | undefined {
  if (headers === undefined) return undefined
  const name = Object.keys(headers).find((each) => each.toLowerCase() === 'list-unsubscribe')
  return name === undefined ? undefined : headers[name]
}

const fault = (message: string, code: FieldCode): FieldFault => ({ path: 'list_unsubscribe', code, message })
