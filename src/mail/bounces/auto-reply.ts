//
// Owns: whether a message is an automatic answer of a person's mailbox (RFC 3834): such mail is no failure, no
// answer, and must never be answered.

import { decodeEncodedWords } from '../mime/encoded-word.ts'
import type { ReturnedMessage } from './message-parts.ts'
import { folded, matchesAny, phrases } from './phrase.ts'

const SUBJECTS = phrases(`
  auto reply
  auto-reply
  auto:
  autoreply
  auto response
  auto-response
  autoresponse
  automatic reply
  automatic response
  automatische antwort
  abwesenheit
  out of office
  out of the office
  out-of-office
  vacation
  on holiday
  on leave
  away from
  away until
  away message
  réponse automatique
  reponse automatique
  absence du bureau
  absent du bureau
  respuesta automática
  respuesta automatica
  fuera de la oficina
  risposta automatica
  fuori sede
  resposta automática
  ausência temporária
  automatisch antwoord
  afwezig
  automatyczna odpowied
  autosvar
  frånvaro
  automaattinen vastaus
  автоответ
  自動応答
  自動返信
  不在
  自动回复
  自動回覆
`)

const CALLS_ITSELF = /\bauto(?:matic(?:ally)?|mated)?[ -]?(?:generated )?(?:repl|respon|answer)/

const FIELDS = [
  'x-autoreply',
  'x-autorespond',
  'x-autoresponder',
  'x-auto-reply-from',
  'x-vacation',
  'x-apple-action',
  'x-mail-autoreply',
]

export function isAutoReply(message: ReturnedMessage): boolean {
  const { header } = message
  const from = header.get('from')?.toLowerCase() ?? ''
  // A server's notices are "auto-replied" too (RFC 3834 §5); what is no report among them is not a person's absence.
  if (['mailer-daemon@', 'postmaster@', 'root@'].some((name) => from.includes(name))) return false
  const submitted = header.get('auto-submitted')?.toLowerCase() ?? ''
  if (submitted.startsWith('auto-replied') || submitted.startsWith('auto-notified')) return true
  if (FIELDS.some((name) => header.has(name))) return true
  const precedence =
    header.get('precedence')?.toLowerCase() ?? header.get('x-precedence')?.toLowerCase() ?? ''
  if (precedence.startsWith('auto_reply') || precedence.startsWith('auto-reply')) return true
  if (header.get('delivered-to')?.toLowerCase() === 'autoresponder') return true
  if (header.get('x-auto-response-suppress') !== null && submitted.startsWith('auto-')) return true
  const subject = folded(decodeEncodedWords((header.get('subject') ?? '').slice(0, 500)))
  return CALLS_ITSELF.test(subject) || matchesAny(subject, SUBJECTS)
}
