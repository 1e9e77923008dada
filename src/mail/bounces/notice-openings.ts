//
// Owns: by which words a notice says that it reports a failure or a delay, in the languages of common servers.

import { folded, type Phrase, PhraseTable, phrases } from './phrase.ts'

const OPENINGS = phrases(`
  automatically by mail delivery software
  this is the qmail-send program
  this is the mail system at host
  this is the mailer-daemon
  this is the mail delivery agent
  this is the postfix program
  this is the nullmailer
  mail agent v
  was unable to deliver your message
  wasn't able to deliver
  unable to deliver
  were unable to deliver
  unable to send
  could not be delivered
  could not be completed
  not be delivered
  has not been delivered
  was not delivered
  were not delivered
  not been delivered
  failed to deliver
  failed to send
  reason for the problem
  recipients were affected
  delivery status of a
  couldn't be delivered
  cannot be delivered
  can't be delivered
  could not deliver
  cannot deliver
  couldn't deliver
  could not be sent
  couldn't be sent
  did not reach
  didn't reach
  not reach some
  not be reached
  delivery failed
  delivery has failed
  delivery failure
  delivery error
  delivery problem
  delivery to the following
  failed permanently
  has been delayed
  following address
  following recipient
  had permanent
  had delivery
  transcript of session
  error delivering
  error occurred while
  trouble delivering
  problem delivering
  undeliverable
  undelivered
  mailbox exceeds allowed size
  final delivery userid
  invalid user address
  failure reasons
  duplicated message-id
  incorrectly constructed
  message not delivered
  user(s) account
  group you tried to contact
  groups.google.com/support
  returned to sender
  returned mail
  has been rejected
  was rejected by
  was automatically rejected
  returning to sender
  failed addresses follow
  no valid recipients were found
  status notification (failure)
  not delivered

  nicht zugestellt
  konnte nicht zugestellt
  konnte nicht * zugestellt
  konnten nicht zugestellt
  konnte nicht übermittelt
  konnte nicht ausgeliefert
  konnte nicht versendet
  konnte nicht gesendet
  nicht zustellbar
  unzustellbar
  nicht übermittelt
  fehler bei der nachrichtenzustellung
  zustellung fehlgeschlagen

  n'a pas pu être remis
  n'a pu être remis
  n'a pas pu être délivré
  n'a pu être délivré
  n'a pas pu être distribué
  n'a pu être distribué
  n'a pas pu être livré
  n'a pu être livré
  n'a pas pu être achemin
  n'a pu être achemin
  n'a pas pu être envoyé
  n'a pu être envoyé
  n'a pas pu être transmis
  n'a pu être transmis
  échec de la remise
  échec de remise
  non remis
  n'a pas été remis
  n'a pas été délivré
  impossible de remettre

  no se pudo entregar
  no se ha podido entregar
  no se ha entregado
  no pudo ser entregado
  no entregado
  error de entrega
  no se puede entregar

  non è stato possibile consegnare
  non è stato possibile recapitare
  non è stato possibile inviare
  non è stato possibile effettuare la consegna
  non è stato recapitato
  recapito non riuscito
  mancato recapito
  mancata consegna
  non recapitabile
  non consegnato

  não pôde ser entregue
  não foi possível entregar
  não foi entregue
  não pode ser entregue
  falha na entrega
  não entregue

  niet worden bezorgd
  niet bezorgd
  niet worden afgeleverd
  bezorging is mislukt
  onbestelbaar

  nie została dostarczona
  nie został dostarczony
  nie może zostać dostarczona
  nie mogła zostać dostarczona
  nie można dostarczyć
  niedostarczon

  gick inte att leverera
  kunde inte levereras
  inte levereras
  kunne ikke leveres
  ikke leveres
  ei voitu toimittaa
  nelze doručit
  nebyla doručena
  nepodařilo doručit
  nem kézbesíthető
  teslim edilemedi
  iletilemedi

  может быть доставлено
  было доставлено
  не доставлено
  не удалось доставить
  недоставлен
  невозможно доставить
  доставка не удалась

  送信できません
  送信に失敗
  送信されません
  配信できません
  配信に失敗
  配送できません
  配送に失敗
  配達できません
  届けることができません
  届きません
  お届けできません

  退信
  退回
  无法送达
  无法发送
  无法投递
  投递失败
  发送失败
  無法傳送
  無法遞送
  無法投遞

  전송되지 않
  전송 실패
  전송에 실패
  배달되지 않
  배달하지 못
  발송 실패
`)

/** A table looks for three letters at once; these languages say it in two. */
const isShort = ([start = '']: Phrase): boolean => start.length < 3
const SHORT = OPENINGS.filter(isShort).map(([start = '']) => start)
const TABLE = new PhraseTable([[OPENINGS.filter((phrase) => !isShort(phrase)), true]])

/** A reply with its enhanced code, as servers quote it: `550 5.1.1`, `#550 5.2.2`, `550-5.7.1`, `(#5.1.1)`. */
const QUOTED_REPLY = /(?:[45]\d\d[ -]#?[45]\.\d{1,2}\.\d{1,3}(?!\d))|\(#[45]\.\d{1,2}\.\d{1,3}/

/** `words` are folded(): subject and text of a notice. A server that writes in no language known here still quotes. */
export const opensReport = (words: string): boolean =>
  !TO_A_RECIPIENT.test(words) &&
  (TABLE.first(words) !== null || SHORT.some((start) => words.includes(start)) || QUOTED_REPLY.test(words))

/** What was kept from the reader's own mailbox: a filter's digest. */
const TO_A_RECIPIENT = /\bdelivered to you(?:\b(?!r)|r (?:inbox|mailbox))/

const YOUR_MAIL = folded(
  '\\b(?:your|you sent|ihr|ihre|deine|votre|su|tu|vuestro|vostro|sua|seu|uw|je|twoja|twój|ditt|din|vaše|vaši|az|dumneavoastră|ваш|ваше)(?: (?:an|a|the))? ?(?:message|e-?mail|mail|letter|nachricht|courrier|courriel|mensaje|correo|messaggio|mensagem|bericht|wiadomość|meddelande|zpráv|üzenet|mesaj|письмо|сообщение)|(?:message|e-?mail|mail|letter) (?:that )?you sent|mesajul|üzenet',
)
const CAME_BACK = folded(
  'returned|came back|come back|refused|stopped|blocked|failed|trouble|zurück|abgelehnt|abgewiesen|retourn|refusé|rejeté|devuelt|rechazad|restituit|respint|rifiutat|devolvid|recusad|teruggestuurd|geweigerd|zwrócon|odrzucon|vrácen|odmítnut|nu a putut|vissza|возвращ|отклонен',
)
const RETURNS = new RegExp(
  `(?:${YOUR_MAIL})[^.;]{0,80}(?:\\.[^\\s][^.;]{0,80}){0,3}(?:${CAME_BACK})|(?:${CAME_BACK})[^.;]{0,60}(?:${YOUR_MAIL})`,
)

/** It speaks of the reader's mail and that it came back, in words of its own: enough from a server that says why. */
export const returnsMail = (words: string): boolean =>
  !TO_A_RECIPIENT.test(words) && RETURNS.test(words.slice(0, 2000))

const DELAYS = new PhraseTable([
  [
    phrases(`
      this is a warning message only
      this is only a warning
      delivery status notification (delay)
      only a temporary failure report
      no action is required on your part
      delivery attempts will continue
      will continue to attempt
      still being retried
      do not need to resend
      don't need to resend
      no need to resend
    `),
    true,
  ],
])

/** The server is still trying. */
export const isDelay = (words: string): boolean => DELAYS.first(words) !== null
