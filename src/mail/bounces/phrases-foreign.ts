//
// Owns: how servers word refusals in other languages than English. One phrase a line; `*` is anything between. Marks on
// Latin letters do not count (phrase.ts).

import { phrases } from './phrase.ts'

export const FULL_ABROAD = phrases(`
  postfach voll
  postfach ist voll
  postfach des empfängers ist voll
  postfach * voll
  postfach überfüllt
  quota überschritten
  quota ueberschritten
  speicherplatz * überschritten
  speicherplatz * erschöpft
  speicherlimit
  boîte * pleine
  boîte pleine
  boîte aux lettres * pleine
  quota dépassé
  quota * dépassé
  quota superado
  quota superata
  quota excedida
  quota excedido
  cuota excedida
  cuota superada
  cuota * excedida
  cuota * superada
  buzón lleno
  buzón * lleno
  casilla llena
  casilla * llena
  casella piena
  casella * piena
  caixa cheia
  caixa postal cheia
  caixa * cheia
  mailbox is vol
  mailbox vol
  postvak is vol
  postvak vol
  quotum
  skrzynka pełna
  skrzynka * pełna
  skrzynka przepełniona
  limit pojemności
  przekroczony limit
  brevlådan är full
  postkassen er fuld
  postkassen er full
  postilaatikko täynnä
  schránka je plná
  kota doldu
  kotası dol
  ящик переполнен
  ящик получателя переполнен
  ящик * переполнен
  ящик полон
  превышена квота
  квота превышена
  メールボックスがいっぱい
  メールボックスが満杯
  メールボックスの容量
  容量を超え
  容量オーバー
  邮箱已满
  邮箱空间已满
  邮箱空间不足
  메일함이 가득
  편지함이 가득
  용량 초과
  용량이 초과
  용량을 초과
  信箱已滿
  箱已满
`)

export const DISABLED_ABROAD = phrases(`
  konto gesperrt
  konto * gesperrt
  konto * deaktiviert
  postfach gesperrt
  postfach * gesperrt
  postfach * deaktiviert
  boîte du destinataire archivee
  compte du destinataire est bloqué
  compte désactivé
  compte suspendu
  compte * désactivé
  compte * suspendu
  compte bloqué
  cuenta desactivada
  cuenta suspendida
  cuenta * deshabilitada
  cuenta * suspendida
  account disattivato
  account sospeso
  casella disabilitata
  casella disattivata
  conta desativada
  conta suspensa
  conta bloqueada
  konto zablokowane
  skrzynka zablokowana
  account geblokkeerd
  ящик заблокирован
  ящик отключен
  аккаунт заблокирован
  учетная запись отключена
  учетная запись заблокирована
  アカウントは無効
  アカウントが無効
  利用停止
  帐号被禁用
  用户已被锁定
  帐户已停用
  정지된
`)

export const SPAM_ABROAD = phrases(`
  als spam
  comme spam
  como spam
  come spam
  courrier indésirable
  message indésirable
  correo no deseado
  posta indesiderata
  mensagem indesejada
  unerwünschte
  unerwünschter werbung
  ongewenste
  спам
  迷惑メール
  スパム
  垃圾邮件
  垃圾郵件
`)
