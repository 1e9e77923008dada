//
// Owns: of what a refusal in another language speaks, and what it says of it, close by: a noun for the mailbox and a
// word for not existing, for being full, for being shut. Languages share the lists: their words mean nothing else.
// Never: goes before the tables; see reason-by-gist.ts.

import type { BounceReason } from '../../core/failure.ts'
import { folded } from './phrase.ts'

const MAILBOX = oneOf(`
  benutzer, nutzer, empfänger, empfaenger, adressat, adresse, postfach, postfächer, konto, person, teilnehmer
  utilisateur, destinataire, compte, boîte, boite, correspondant
  usuario, destinatario, dirección, cuenta, buzón, casilla, correo
  utente, indirizzo, casella
  usuário, destinatário, endereço, conta, caixa
  gebruiker, ontvanger, geadresseerde, adres, postvak, postbus
  użytkownik, odbiorc, adresat, konta, skrzynk
  mottagare, användare, brevlåda, modtager, bruger, postkasse, mottaker, postboks
  vastaanottaja, käyttäjä, postilaatikko
  uživatel, příjemce, schránk, adresát, používateľ
  felhasználó, címzett, postafiók
  kullanıcı, alıcı, posta kutusu
  utilizator, destinatar, căsuț, χρήστης, παραλήπτης
  пользовател, получател, адрес, ящик, учетн, аккаунт, абонент, користувач, скриньк
  宛先, 受信者, ユーザ, アドレス, メールボックス, アカウント
  用户, 用戶, 收件人, 收件者, 邮箱, 信箱, 郵箱, 地址, 帐号, 账号, 帳號, 帐户, 账户, 使用者
  사용자, 수신자, 받는 사람, 메일함, 편지함, 계정, 주소, 수신인
`)

const MISSING = oneOf(`
  unbekannt, nicht bekannt, existiert nicht, nicht gefunden, nicht vorhanden, gibt es nicht, ungültig, kein, nicht existent
  inconnu, n'existe, inexistant, introuvable, invalide, pas trouvé, pas connu, pas attribu, aucun
  desconocid, no existe, inexistente, no encontrad, no se encontr, no válid, no se ha encontrado
  sconosciut, non esiste, non trovat, non valid, stato trovato, errat
  desconhecid, não existe, não encontrad, não foi encontrad, inválid
  onbekend, bestaat niet, niet gevonden, ongeldig
  nie istnieje, nieznan, nie ma takie, nie znaleziono
  finns inte, hittades inte, okänd, findes ikke, ukendt, finnes ikke, ukjent, ei löydy, ei ole, tuntematon
  neexistuje, neznám, nenalezen, nebyl nalezen
  nem létezik, ismeretlen, nem található
  bulunamadı, mevcut değil, geçersiz, bilinmeyen
  nu există, necunoscut, δεν υπάρχει, άγνωστος
  не существу, не найден, неизвестн, не зарегистрир, отсутству, нет такого, недействител, не існує, не знайдено
  存在しない, 存在しません, 見つかりません, 見つからない, 不明, ございません
  不存在, 未找到, 找不到, 無此, 无此, 无效, 無效
  존재하지, 찾을 수 없, 없는, 없습니다, 올바르지
`)

const FULL = oneOf(`
  quota, cuota, kvót, kontingent
  voll, überfüllt, überschritten, ueberschritten, erschöpft
  pleine, plein, saturé, dépassé, atteint
  llena, lleno, excedid, superad, sin espacio
  piena, pieno, superat, esaurit
  cheia, cheio, lotad, sem espaço, esgotad
  is vol, overschreden, pełn, przepełnion, przekroczon, brak miejsca
  är full, er fuld, er full, täynnä, plná, zaplněn, překročen, megtelt, dolu, doldu, aşıldı
  переполнен, заполнен, превышен, нет места
  いっぱい, 満杯, 容量, 超過
  已满, 已滿, 满了, 超出, 不足
  가득, 초과
`)

const SHUT = oneOf(`
  gesperrt, deaktiviert, geschlossen, gelöscht, stillgelegt, inaktiv, abgelaufen, abgeschaltet
  désactivé, suspendu, bloqué, fermé, résilié, inactif, clôturé, archivé
  desactivad, suspendid, bloquead, inactiv, deshabilitad, cerrad, expirad, cancelad, de baja
  disabilitat, disattivat, sospes, bloccat, inattiv, scadut
  desativad, suspens, inativ, encerrad
  geblokkeerd, gedeactiveerd, inactief, uitgeschakeld
  zablokowan, nieaktywn, zawieszon, wyłączon, niedostępn
  avstängd, spärrad, lukittu, zablokován, deaktivován, neaktivní, zrušen
  kapalı, askıya, pasif, devre dışı, kapatıl
  заблокирован, отключен, приостановлен, неактив, удален, закрыт, заморожен
  無効, 停止, 解約, ロックされ
  停用, 禁用, 锁定, 凍結, 冻结, 封禁, 注销, 关闭
  정지, 휴면, 비활성, 차단, 탈퇴, 해지
`)

const MAIL = oneOf(`
  nachricht, e-mail, mail, message, mensaje, messaggi, mensag, bericht, wiadomo, meddelande, viesti
  zpráv, üzenet, ileti, mesaj, письм, сообщен, メール, メッセージ, 邮件, 郵件, 附件, 메일, 메시지, anhang, pièce jointe
`)

const SIZE = oneOf(`
  größe, groesse, zu groß, zu gross, taille, trop gros, trop volum, tamaño, demasiado grande, dimension, troppo grande
  tamanho, muito grande, te groot, grootte, rozmiar, za duż, för stor, for stor, liian suuri
  velikost, příliš velk, méret, boyut, размер, слишком больш, 大小, 过大, 過大, 太大, サイズ, 大きすぎ, 크기
`)

const TOO_MANY = oneOf(`
  zu viele, zuviele, trop de, demasiad, troppi, troppe, muitas, muitos, te veel, zbyt wiele, zbyt duż, för många, for mange
  liian mon, příliš mnoho, túl sok, çok fazla, слишком много, 太多, 过多, 多すぎ, 頻繁, 너무 많
`)

const CONNECTIONS = oneOf(`
  verbindung, connexion, conexion, connession, conexõ, verbinding, połącze, anslutning, spojení, kapcsolat, bağlantı
  соединени, подключени, 连接, 連接, 接続, 연결
`)

const RELAY = oneOf(
  'relay, relé, weiterleitung, retransmi, reenvio, ретрансл, пересыл, 中继, 中繼, 中継, 릴레이',
)

const OUR_ADDRESS = oneOf(
  'ip-adress, adresse ip, dirección ip, direccion ip, indirizzo ip, endereço ip, adres ip, ip-adres, ip',
)

const LISTED = oneOf(`
  sperrliste, schwarze liste, gesperrt, blockiert, liste noire, bloquée, lista negra, bloquead, lista nera, bloccat
  zwarte lijst, czarnej li, zablokowan, svart lista, черн, заблокир, 黑名单, 黑名單, ブラックリスト, 블랙리스트, 차단, 拒绝
`)

const FORBIDDEN = oneOf(`
  nicht erlaubt, nicht gestattet, verweigert, abgelehnt, non autoris, interdit, refus, no permitid, no autoriz, rechaz, denegad
  non consentit, negat, rifiutat, rifiuta, não permitid, negad, recusad, niet toegestaan, geweigerd, odrzucon, niedozwolon
  odmítnut, не разреш, запрещ, отклон, отказ, 拒否, 拒绝, 拒絕, 禁止, 不允许, 거부
`)

/** Wide enough for an address between the two, not for another sentence. */
const NEAR = '[^.;。]{0,60}'

const GISTS: readonly (readonly [RegExp, BounceReason | 'unknown'])[] = [
  [/病毒|恶意软件|악성/, 'virus'],
  [near(MAIL, SIZE), 'too_large'],
  [near(TOO_MANY, CONNECTIONS), 'too_many_connections'],
  [near(TOO_MANY, MAIL), 'rate_limited'],
  [near(RELAY, FORBIDDEN), 'relay_denied'],
  [near(OUR_ADDRESS, LISTED), 'blocked'],
  [near(MAILBOX, FULL), 'mailbox_full'],
  [near(MAILBOX, SHUT), 'mailbox_disabled'],
  [near(MAILBOX, MISSING), 'unknown'],
  [near(MAILBOX, FORBIDDEN), 'recipient_refused'],
]

/** As gistOf in reason-by-gist.ts. */
export const gistAbroad = (words: string): BounceReason | 'unknown' | null =>
  GISTS.find(([gist]) => gist.test(words))?.[1] ?? null

function near(of: string, said: string): RegExp {
  return new RegExp(`(?:${of})${NEAR}(?:${said})|(?:${said})${NEAR}(?:${of})`)
}

/** A word may be bent at its end, and may not begin inside another of the Latin or Cyrillic script. */
function oneOf(list: string): string {
  const found = folded(list)
    .split(/[,\n]/)
    .map((word) => word.trim())
    .filter((word) => word !== '')
  return `(?<![a-z\\u0430-\\u044f])(?:${[...new Set(found)].join('|')})`
}
