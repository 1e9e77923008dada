//
// Owns: which command a report's words answered, as servers write it around them.

import { matchesAny, phrases } from './phrase.ts'
import type { SaidAt } from './refusal.ts'

const CONNECT = phrases(`
  after initial connection
  refused to talk to me
  after ehlo
  after helo
  after connection
  while performing the ehlo
  in reply to helo command
  in reply to ehlo command
  [ehlo]
  [helo]
  [connect]
  my name was rejected
  but greeting failed
  initial server greeting
  did not like our helo
  did not like our ehlo
  >>> ehlo
  >>> helo
`)

const MAIL = phrases(`
  in reply to mail from command
  after mail from
  after pipelined mail from
  sender was rejected
  [mail_from]
  did not like our mail from
  >>> mail from
  error following mail
  smtp:mail
  after sender
  smtp command mail
  sent: mail from
  but sender was rejected
`)

const RCPT = phrases(`
  in reply to rcpt to command
  after rcpt to
  after rcpt command
  after pipelined rcpt to
  [rcpt_to]
  does not like recipient
  did not like our rcpt to
  rejected recipient
  >>> rcpt to
  error following rcpt
  smtp:rcpt
  was rejected by the server for the recipient domain
  (state 14)
  <<< rcpt to
  mail delivery agent at messagelabs
  mail delivery agent at symantec
  for rcpt to
  smtp command rcpt
  sent: rcpt to
  after rcpt
  rcpt to: command
  rcpt to command
  --> rcpt to
  error, rcpt to
`)

const DATA = phrases(`
  in reply to end of data
  in reply to data command
  after end of data
  after data
  after pipelined end of data
  for text command
  failed after i sent the message
  failed on data command
  failed on end of data
  did not like our final data
  did not like our data
  >>> data
  <<< data
  refused to accept your message (data)
  smtp:data
  smtp:eom
  [data]
  [eom]
  [bodyless]
  smtp command data
  (state 17)
  (state 18)
  after body
`)

/** The last command that was asked is the one that got the answer. */
export function saidAt(text: string): SaidAt {
  const words = text.slice(0, 8192).toLowerCase().replace(/\s+/g, ' ')
  if (matchesAny(words, DATA)) return 'data'
  if (matchesAny(words, RCPT)) return 'rcpt'
  if (matchesAny(words, MAIL)) return 'mail'
  return matchesAny(words, CONNECT) ? 'connect' : 'unknown'
}
