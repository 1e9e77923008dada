//
// Owns: what the pages for recipients say, in the languages that we know, and which of them a reader gets. Whole sentences:
// nothing is put together out of pieces that another grammar would bend.

export interface Words {
  /** BCP 47. */
  readonly lang: string
  readonly ask: string
  readonly list: string
  readonly all: string
  readonly willStop: string
  readonly leave: string
  readonly choose: string
  readonly left: string
  readonly hasStopped: string
  readonly undo: string
  readonly again: string
  readonly back: string
  readonly comes: string
  readonly leftAll: string
  readonly stopped: string
  readonly askSender: string
  readonly tooOld: string
  readonly newerLink: string
  readonly broken: string
  readonly wholeLink: string
  readonly later: string
  readonly notNow: string
}

export const ENGLISH: Words = {
  lang: 'en',
  ask: 'Unsubscribe?',
  list: 'Mailing list',
  all: 'All marketing mail',
  willStop: 'You will no longer receive these messages.',
  leave: 'Unsubscribe',
  choose: 'Choose what you receive',
  left: 'You are unsubscribed',
  hasStopped: 'You will no longer receive these messages. One that is already on its way may still arrive.',
  undo: 'Undo',
  again: 'Subscribe again',
  back: 'You are subscribed again',
  comes: 'You receive these messages.',
  leftAll: 'You have unsubscribed from all marketing mail.',
  stopped: 'The sender has stopped these messages',
  askSender: 'You did not stop them yourself. To receive them again, please ask the sender.',
  tooOld: 'This link has expired',
  newerLink: 'Please use the link in a more recent message from the same sender.',
  broken: 'This link does not work',
  wholeLink: 'It may be incomplete. Please open it again from the message it came in.',
  later: 'Please try again in a minute',
  notNow: 'We could not complete your request just now.',
}

const OTHERS: readonly Words[] = [
  {
    lang: 'de',
    ask: 'Abbestellen?',
    list: 'Mailingliste',
    all: 'Alle Werbe-E-Mails',
    willStop: 'Sie erhalten diese Nachrichten dann nicht mehr.',
    leave: 'Abbestellen',
    choose: 'Auswählen, was Sie erhalten',
    left: 'Sie sind abgemeldet',
    hasStopped: 'Sie erhalten diese Nachrichten nicht mehr. Was schon unterwegs ist, kann noch ankommen.',
    undo: 'Rückgängig machen',
    again: 'Wieder anmelden',
    back: 'Sie sind wieder angemeldet',
    comes: 'Sie erhalten diese Nachrichten.',
    leftAll: 'Sie haben alle Werbe-E-Mails abbestellt.',
    stopped: 'Der Absender hat diese Nachrichten eingestellt',
    askSender: 'Das lag nicht an Ihnen. Wenn Sie sie wieder erhalten möchten, fragen Sie bitte den Absender.',
    tooOld: 'Dieser Link ist abgelaufen',
    newerLink: 'Bitte nehmen Sie den Link in einer neueren Nachricht dieses Absenders.',
    broken: 'Dieser Link funktioniert nicht',
    wholeLink: 'Vielleicht ist er unvollständig. Bitte öffnen Sie ihn noch einmal aus der Nachricht heraus.',
    later: 'Bitte versuchen Sie es in einer Minute noch einmal',
    notNow: 'Ihr Wunsch konnte gerade nicht ausgeführt werden.',
  },
  {
    lang: 'fr',
    ask: 'Se désabonner ?',
    list: 'Liste de diffusion',
    all: 'Tous les e-mails publicitaires',
    willStop: 'Vous ne recevrez plus ces messages.',
    leave: 'Se désabonner',
    choose: 'Choisir ce que vous recevez',
    left: 'Votre désabonnement est enregistré',
    hasStopped: 'Vous ne recevrez plus ces messages. Un message déjà en route peut encore arriver.',
    undo: 'Annuler',
    again: 'Se réabonner',
    back: 'Votre abonnement est rétabli',
    comes: 'Vous recevez ces messages.',
    leftAll: 'Vous ne recevez plus aucun e-mail publicitaire.',
    stopped: 'L’expéditeur a arrêté ces messages',
    askSender: 'Cela ne vient pas de vous. Pour les recevoir de nouveau, adressez-vous à l’expéditeur.',
    tooOld: 'Ce lien a expiré',
    newerLink: 'Utilisez le lien d’un message plus récent du même expéditeur.',
    broken: 'Ce lien ne fonctionne pas',
    wholeLink: 'Il est peut-être incomplet. Ouvrez-le de nouveau depuis le message d’origine.',
    later: 'Veuillez réessayer dans une minute',
    notNow: 'Votre demande n’a pas pu être traitée pour le moment.',
  },
  {
    lang: 'es',
    ask: '¿Cancelar la suscripción?',
    list: 'Lista de correo',
    all: 'Todos los correos publicitarios',
    willStop: 'Dejará de recibir estos mensajes.',
    leave: 'Cancelar la suscripción',
    choose: 'Elegir lo que recibe',
    left: 'Su suscripción se ha cancelado',
    hasStopped: 'Ya no recibirá estos mensajes. Alguno que ya esté en camino puede llegar todavía.',
    undo: 'Deshacer',
    again: 'Volver a suscribirse',
    back: 'Su suscripción se ha restablecido',
    comes: 'Recibe estos mensajes.',
    leftAll: 'Ha cancelado todos los correos publicitarios.',
    stopped: 'El remitente ha detenido estos mensajes',
    askSender: 'No se debe a usted. Si quiere volver a recibirlos, pregunte al remitente.',
    tooOld: 'Este enlace ha caducado',
    newerLink: 'Use el enlace de un mensaje más reciente del mismo remitente.',
    broken: 'Este enlace no funciona',
    wholeLink: 'Puede que esté incompleto. Ábralo de nuevo desde el mensaje en que llegó.',
    later: 'Inténtelo de nuevo en un minuto',
    notNow: 'Su solicitud no se ha podido completar en este momento.',
  },
  {
    lang: 'it',
    ask: 'Annullare l’iscrizione?',
    list: 'Lista di distribuzione',
    all: 'Tutte le e-mail promozionali',
    willStop: 'Non riceverà più questi messaggi.',
    leave: 'Annulla l’iscrizione',
    choose: 'Scegli che cosa ricevere',
    left: 'Iscrizione annullata',
    hasStopped: 'Non riceverà più questi messaggi. Uno già in viaggio potrebbe ancora arrivare.',
    undo: 'Ripristina',
    again: 'Iscriviti di nuovo',
    back: 'Iscrizione ripristinata',
    comes: 'Riceve questi messaggi.',
    leftAll: 'Ha annullato l’iscrizione a tutte le e-mail promozionali.',
    stopped: 'Il mittente ha interrotto questi messaggi',
    askSender: 'Non dipende da Lei. Per riceverli di nuovo, si rivolga al mittente.',
    tooOld: 'Questo link è scaduto',
    newerLink: 'Usi il link di un messaggio più recente dello stesso mittente.',
    broken: 'Questo link non funziona',
    wholeLink: 'Forse è incompleto. Lo apra di nuovo dal messaggio in cui si trovava.',
    later: 'Riprovi tra un minuto',
    notNow: 'Al momento non è stato possibile completare la richiesta.',
  },
  {
    lang: 'pt',
    ask: 'Cancelar a inscrição?',
    list: 'Lista de e-mails',
    all: 'Todos os e-mails promocionais',
    willStop: 'Deixará de receber estas mensagens.',
    leave: 'Cancelar a inscrição',
    choose: 'Escolher o que recebe',
    left: 'Inscrição cancelada',
    hasStopped: 'Já não receberá estas mensagens. Alguma que já esteja a caminho ainda pode chegar.',
    undo: 'Desfazer',
    again: 'Inscrever-se de novo',
    back: 'Inscrição reativada',
    comes: 'Recebe estas mensagens.',
    leftAll: 'Cancelou todos os e-mails promocionais.',
    stopped: 'O remetente suspendeu estas mensagens',
    askSender: 'Não foi por sua causa. Para voltar a recebê-las, contacte o remetente.',
    tooOld: 'Este link expirou',
    newerLink: 'Use o link de uma mensagem mais recente do mesmo remetente.',
    broken: 'Este link não funciona',
    wholeLink: 'Pode estar incompleto. Abra-o de novo a partir da mensagem em que veio.',
    later: 'Tente de novo dentro de um minuto',
    notNow: 'Não foi possível concluir o seu pedido neste momento.',
  },
  {
    lang: 'nl',
    ask: 'Afmelden?',
    list: 'Mailinglijst',
    all: 'Alle reclamemail',
    willStop: 'U ontvangt deze berichten dan niet meer.',
    leave: 'Afmelden',
    choose: 'Kiezen wat u ontvangt',
    left: 'U bent afgemeld',
    hasStopped: 'U ontvangt deze berichten niet meer. Wat al onderweg is, kan nog aankomen.',
    undo: 'Ongedaan maken',
    again: 'Opnieuw aanmelden',
    back: 'U bent weer aangemeld',
    comes: 'U ontvangt deze berichten.',
    leftAll: 'U hebt zich afgemeld voor alle reclamemail.',
    stopped: 'De afzender is met deze berichten gestopt',
    askSender: 'Dat ligt niet aan u. Wilt u ze weer ontvangen, vraag het dan de afzender.',
    tooOld: 'Deze link is verlopen',
    newerLink: 'Gebruik de link in een nieuwer bericht van dezelfde afzender.',
    broken: 'Deze link werkt niet',
    wholeLink: 'Misschien is hij niet volledig. Open hem opnieuw vanuit het bericht.',
    later: 'Probeer het over een minuut opnieuw',
    notNow: 'Uw verzoek kon nu niet worden uitgevoerd.',
  },
  {
    lang: 'pl',
    ask: 'Zrezygnować z subskrypcji?',
    list: 'Lista mailingowa',
    all: 'Wszystkie wiadomości reklamowe',
    willStop: 'Te wiadomości nie będą już przychodzić.',
    leave: 'Zrezygnuj',
    choose: 'Wybierz, co chcesz otrzymywać',
    left: 'Subskrypcja została anulowana',
    hasStopped: 'Te wiadomości nie będą już przychodzić. Ta, która jest już w drodze, może jeszcze dotrzeć.',
    undo: 'Cofnij',
    again: 'Zapisz ponownie',
    back: 'Subskrypcja została przywrócona',
    comes: 'Otrzymujesz te wiadomości.',
    leftAll: 'Wszystkie wiadomości reklamowe są wyłączone.',
    stopped: 'Nadawca wstrzymał te wiadomości',
    askSender: 'To nie była Twoja decyzja. Aby znów je otrzymywać, zwróć się do nadawcy.',
    tooOld: 'Ten link wygasł',
    newerLink: 'Użyj linku z nowszej wiadomości tego samego nadawcy.',
    broken: 'Ten link nie działa',
    wholeLink: 'Może być niepełny. Otwórz go jeszcze raz z wiadomości, w której przyszedł.',
    later: 'Spróbuj ponownie za minutę',
    notNow: 'W tej chwili nie udało się spełnić prośby.',
  },
  {
    lang: 'ja',
    ask: '配信を停止しますか？',
    list: 'メーリングリスト',
    all: 'すべての広告メール',
    willStop: 'このメールは今後届かなくなります。',
    leave: '配信を停止する',
    choose: '受け取るメールを選ぶ',
    left: '配信を停止しました',
    hasStopped: 'このメールは今後届きません。すでに送信されたものは届くことがあります。',
    undo: '元に戻す',
    again: '配信を再開する',
    back: '配信を再開しました',
    comes: 'このメールは届く設定になっています。',
    leftAll: 'すべての広告メールの配信を停止しています。',
    stopped: '送信者がこのメールを停止しています',
    askSender: 'お客様の操作によるものではありません。再開をご希望の場合は、送信者にお問い合わせください。',
    tooOld: 'このリンクは有効期限が切れています',
    newerLink: '同じ送信者からの新しいメールのリンクをお使いください。',
    broken: 'このリンクは使えません',
    wholeLink: 'リンクが途中で切れている可能性があります。メールからもう一度開いてください。',
    later: '1分ほどしてからもう一度お試しください',
    notNow: 'ただいま処理を完了できませんでした。',
  },
  {
    lang: 'zh-Hans',
    ask: '要退订吗？',
    list: '邮件列表',
    all: '所有营销邮件',
    willStop: '您将不再收到这类邮件。',
    leave: '退订',
    choose: '选择您要接收的邮件',
    left: '您已退订',
    hasStopped: '您将不再收到这类邮件。已经发出的邮件可能仍会送达。',
    undo: '撤销',
    again: '重新订阅',
    back: '您已重新订阅',
    comes: '您目前会收到这类邮件。',
    leftAll: '您已退订所有营销邮件。',
    stopped: '发件人已停止发送这类邮件',
    askSender: '这并非由您的操作引起。如需重新接收，请联系发件人。',
    tooOld: '此链接已过期',
    newerLink: '请使用同一发件人较新邮件中的链接。',
    broken: '此链接无效',
    wholeLink: '链接可能不完整，请从原邮件中重新打开。',
    later: '请一分钟后再试',
    notNow: '暂时无法完成您的请求。',
  },
]

/** Browsers name two to six. */
const MAX_RANGES = 12
const RANGE = /^\s*([a-z]{2,3})((?:-[a-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/i
/** Whose script is another than ours of that language; readers name what else they read behind it. */
const OTHER_SCRIPT = /^-(?:hant|tw|hk|mo)\b/i

/** By Accept-Language (RFC 9110 §12.5.4); English for who names none of ours. */
export function wordsFor(accepted: string | null): Words {
  const ranges = (accepted ?? '').split(',', MAX_RANGES).flatMap((range) => {
    const [, tongue = '', rest = '', weight = '1'] = RANGE.exec(range) ?? []
    const words = tongue === '' || OTHER_SCRIPT.test(rest) ? undefined : BY_TONGUE.get(tongue.toLowerCase())
    return words === undefined || Number(weight) === 0 ? [] : [{ words, weight: Number(weight) }]
  })
  // Of equal ones the first: sorting keeps their order.
  return ranges.sort((one, other) => other.weight - one.weight)[0]?.words ?? ENGLISH
}

const BY_TONGUE: ReadonlyMap<string, Words> = new Map(
  [ENGLISH, ...OTHERS].map((words) => [words.lang.slice(0, 2), words]),
)
