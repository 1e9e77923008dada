//
// Owns: GET /v1/email/{id}/content: what a recipient got or will get.
// Never: mail as a page of ours: whatever opens it runs no script, loads nothing and guesses no type (T13).

import { Elysia } from 'elysia'
import { parseMessageId } from '../../../core/ids.ts'
import type { Message } from '../../../core/message.ts'
import type { Copy, NoCopy } from '../../../services/contents/contents.ts'
import { type WordsKind, wordsOf } from '../../../services/contents/words.ts'
import { ContentQuery, GET_CONTENT } from '../operations/message.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { noSuch, type Problem } from '../problem.ts'
import { invalid } from '../query.ts'
import { readQuery } from '../read-query.ts'
import { say } from '../say.ts'

const GUARDED = {
  'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'private, no-store',
} as const
const TYPES: Readonly<Record<WordsKind, string>> = {
  html: 'text/html; charset=utf-8',
  text: 'text/plain; charset=utf-8',
}

export function contentRoutes(parts: ApiParts, callerOf: (request: Request) => Caller) {
  return new Elysia({ prefix: '/v1/email', name: 'content', normalize: false }).get(
    '/:id/content',
    async ({ params, request, set }) => {
      const asked = readQuery(request, ContentQuery)
      if (!asked.ok) return say(asked.error, set, parts.ids)
      const named = params.id ?? ''
      const id = parseMessageId(named)
      const message = id ? await parts.messages.get(id, callerOf(request).key.accountId) : null
      if (!message) return say(noSuch('message', named), set, parts.ids)
      const copy = await parts.contents.copy(message, asked.value.recipient ?? null)
      if (!copy.ok) return say(problemOf(copy.error), set, parts.ids)
      const { part } = asked.value
      if (part === undefined) return view(message, copy.value)
      const response = part === 'raw' ? raw(copy.value) : words(copy.value, part)
      return response ?? say(lacking(message, part), set, parts.ids)
    },
    { ...GET_CONTENT },
  )
}

const view = (message: Message, { delivery, source, bytes }: Copy) => ({
  success: true,
  message_id: message.id,
  recipient: delivery.recipient,
  source,
  size: bytes.length,
  subject: message.subject,
  html: wordsOf(bytes, 'html'),
  text: wordsOf(bytes, 'text'),
})

const raw = ({ delivery, source, bytes }: Copy): Response =>
  new Response(new Uint8Array(bytes), {
    headers: {
      ...GUARDED,
      'content-type': 'message/rfc822',
      'content-disposition': `attachment; filename="${delivery.id}.eml"`,
      'x-mailwok-source': source,
    },
  })

/** Null: it has none. */
function words({ source, bytes }: Copy, kind: WordsKind): Response | null {
  const found = wordsOf(bytes, kind)
  if (found === null) return null
  return new Response(found, {
    headers: { ...GUARDED, 'content-type': TYPES[kind], 'x-mailwok-source': source },
  })
}

const lacking = ({ id }: Message, part: string): Problem => ({
  code: 'not_found',
  message: `${id} has no ${part} part.`,
})

function problemOf({ why, say: told }: NoCopy): Problem {
  switch (why) {
    case 'no_such_recipient':
      return invalid('recipient', `names nobody: ${told}`)
    case 'removed':
      return { code: 'not_found', message: `${told}.` }
    case 'damaged':
    case 'unrenderable':
      return { code: 'internal_error', message: `${told}.` }
    default:
      return why satisfies never
  }
}
