//
// Owns: how servers of other languages word that there is no such mailbox. One phrase a line; `*` is anything between.
// Marks on Latin letters do not count (phrase.ts).

import { phrases } from './phrase.ts'

/** Believed where MAILBOX_UNKNOWN is. */
export const UNKNOWN_ABROAD = phrases(`
  benutzer unbekannt
  benutzer nicht gefunden
  benutzer existiert nicht
  unbekannter benutzer
  unbekannter empfänger
  empfänger unbekannt
  empfaenger unbekannt
  empfänger nicht gefunden
  empfänger existiert nicht
  adressat unbekannt
  adresse unbekannt
  adresse existiert nicht
  adresse nicht gefunden
  adresse wurde nicht gefunden
  postfach existiert nicht
  postfach nicht gefunden
  postfach nicht vorhanden
  postfach unbekannt
  kein benutzer
  kein solcher benutzer
  kein postfach
  kein empfänger

  utilisateur inconnu
  utilisateur n'existe pas
  utilisateur inexistant
  destinataire inconnu
  destinataire invalide
  destinataire inexistant
  destinataire n'existe pas
  adresse inconnue
  adresse inexistante
  adresse invalide
  adresse n'existe pas
  adresse du destinataire n'existe pas
  adresse d au moins un destinataire invalide
  adresse destinataire invalide
  compte inexistant
  compte inconnu
  compte n'existe pas
  boîte aux lettres inconnue
  boîte aux lettres inexistante
  boîte aux lettres n'existe pas

  usuario desconocido
  usuario inexistente
  usuario no existe
  usuario no encontrado
  usuario no válido
  destinatario desconocido
  destinatario no existe
  destinatario inexistente
  no existe el usuario
  no existe ese usuario
  no existe dicha persona
  dirección no existe
  dirección desconocida
  dirección no encontrada
  dirección no válida
  cuenta no existe
  cuenta inexistente
  buzón no existe
  buzón inexistente
  buzón no encontrado

  utente sconosciuto
  utente non trovato
  utente inesistente
  utente non esiste
  destinatario sconosciuto
  destin. sconosciuto
  destinatario non trovato
  destinatario non valido
  indirizzo inesistente
  indirizzo sconosciuto
  indirizzo non trovato
  indirizzo non valido
  casella inesistente
  casella non esiste
  mailbox inesistente

  usuário desconhecido
  usuário não existe
  usuário não encontrado
  usuário inválido
  destinatário inexistente
  destinatário desconhecido
  destinatário não existe
  destinatário não encontrado
  destinatário inválido
  endereço inexistente
  endereço não existe
  endereço não encontrado
  endereço desconhecido
  conta inexistente
  conta não existe
  caixa postal inexistente

  onbekende gebruiker
  gebruiker onbekend
  gebruiker bestaat niet
  gebruiker niet gevonden
  geadresseerde onbekend
  onbekende geadresseerde
  ontvanger onbekend
  adres onbekend
  adres bestaat niet
  mailbox bestaat niet
  postvak bestaat niet

  nie ma takiego użytkownika
  użytkownik nie istnieje
  nieznany użytkownik
  nieznany odbiorca
  nieznany adresat
  adresat nieznany
  konto nie istnieje
  skrzynka nie istnieje
  adres nie istnieje

  mottagaren finns inte
  okänd mottagare
  okänd användare
  användaren finns inte
  adressen finns inte
  ukendt bruger
  ukendt modtager
  brugeren findes ikke
  ukjent bruker
  ukjent mottaker
  tuntematon vastaanottaja
  tuntematon käyttäjä
  neznámý uživatel
  neznámý příjemce
  uživatel neexistuje
  ismeretlen felhasználó
  ismeretlen címzett
  kullanıcı bulunamadı
  alıcı bulunamadı
  bilinmeyen kullanıcı

  пользователь не найден
  пользователь не существует
  пользователя не существует
  нет такого пользователя
  такого пользователя нет
  неизвестный пользователь
  неизвестный получатель
  получатель не найден
  получатель не существует
  адрес не существует
  адрес не найден
  адрес получателя не существует
  адреса не существует
  ящик не существует
  ящика не существует
  ящик не найден
  нет такого ящика
  користувача не існує

  宛先不明
  宛先が見つかりません
  宛先が存在しません
  受信者が見つかりません
  ユーザが見つかりません
  ユーザーが見つかりません
  ユーザが存在しません
  ユーザーが存在しません
  ユーザー不明
  存在しないメールアドレス
  アドレスが存在しません
  アドレスは存在しません
  アドレスが見つかりません
  アドレスが見つかりませんでした

  用户不存在
  用户未找到
  无此用户
  帐号不存在
  账号不存在
  帐户不存在
  邮箱不存在
  邮箱地址不存在
  地址不存在
  邮件地址*不存在
  收件人*不存在
  收件人不存在
  找不到收件人
  使用者不存在
  帳號不存在
  信箱不存在
  收件者不存在

  존재하지 않는 사용자
  존재하지 않는 메일
  존재하지 않는 계정
  존재하지 않습니다
  사용자를 찾을 수 없
  받는 사람을 찾을 수 없
  없는 사용자
  destinatario inesistente
  mailbox non esiste
  destinatario non esiste
`)
