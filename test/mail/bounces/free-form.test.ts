import { expect, test } from 'bun:test'
import { readReturnedMail } from '../../../src/mail/bounces/returned.ts'

/** A notice of a server, as text; what follows the blank line is its body. */
const mail = (header: string, body: string) =>
  readReturnedMail(Buffer.from(`${header.trim()}\nDate: Thu, 1 Jan 2026 00:00:00 +0000\n\n${body}`))

/** `address reason!` per recipient: the mark says hard. */
function told(returned: ReturnType<typeof readReturnedMail>): readonly string[] | string {
  if (returned.kind !== 'bounce') return returned.kind
  return returned.recipients.map(
    ({ recipient, action, verdict }) =>
      `${recipient} ${action === 'failed' ? '' : `${action} `}${verdict.reason}${verdict.hardness === 'hard' ? '!' : ''}`,
  )
}

const ORIGINAL = `Received: from app.example.com by mx.example.com; Thu, 1 Jan 2026 00:00:00 +0000
Message-ID: <m1@example.com>
Feedback-ID: a:b:c:mailwok
From: <news@example.com>
To: <ann@b.example>
Subject: Hello

text
`

test.each([
  [
    'Exim, two recipients and a host between',
    'From: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Mail delivery failed: returning message to sender',
    `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ann@b.example
    host mx.b.example [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<ann@b.example>:
    550 No such user here
  bob@c.example
    Unrouteable address

------ This is a copy of the message, including all the headers. ------

${ORIGINAL}`,
    ['ann@b.example mailbox_unknown!', 'bob@c.example domain_unknown!'],
  ],
  [
    'Exim, a warning',
    'From: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Warning: message 1abc-2 delayed 24 hours',
    `This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.example.

The address to which the message has not yet been delivered is:

  ann@b.example
    host mx.b.example [192.0.2.1]
    Delay reason: Connection timed out

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals if the message
remains undelivered.
`,
    ['ann@b.example delayed expired'],
  ],
  [
    'qmail, three',
    'From: MAILER-DAEMON@mx.example\nSubject: failure notice',
    `Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ann@b.example>:
Sorry, no mailbox here by that name. (#5.1.1)

<bob@c.example>:
Sorry, I couldn't find any host named c.example. (#5.1.2)

<cat@d.example>:
192.0.2.9 does not like recipient.
Remote host said: 452 4.2.2 Over quota
Giving up on 192.0.2.9.

--- Below this line is a copy of the message.

${ORIGINAL}`,
    ['ann@b.example mailbox_unknown!', 'bob@c.example domain_unknown!', 'cat@d.example mailbox_full'],
  ],
  [
    'Postfix, text only',
    'From: MAILER-DAEMON@mx.example (Mail Delivery System)\nSubject: Undelivered Mail Returned to Sender',
    `This is the mail system at host mx.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<ann@b.example>: host mx.b.example[192.0.2.1] said: 550 5.1.1 <ann@b.example>:
    Recipient address rejected: User unknown in relay recipient table (in reply
    to RCPT TO command)

<bob@c.example> (expanded from <team@b.example>): host mx.c.example[192.0.2.2] refused to
    talk to me: 554 5.7.1 Service unavailable; Client host [192.0.2.3] blocked
    using zen.spamhaus.org
`,
    ['ann@b.example mailbox_unknown!', 'bob@c.example blocked'],
  ],
  [
    'Sendmail, without MIME',
    'From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example>\nSubject: Returned mail: see transcript for details',
    `The original message was received at Thu, 1 Jan 2026 00:00:00 GMT
from app.example.com [192.0.2.7]

   ----- The following addresses had permanent fatal errors -----
<ann@b.example>
    (reason: 550 5.1.1 <ann@b.example>... User unknown)

   ----- Transcript of session follows -----
... while talking to mx.b.example.:
>>> RCPT To:<ann@b.example>
<<< 550 5.1.1 <ann@b.example>... User unknown
550 5.1.1 <ann@b.example>... User unknown

   ----- Original message follows -----

${ORIGINAL}`,
    ['ann@b.example mailbox_unknown!'],
  ],
  [
    'IronPort',
    'From: Mail Delivery System <MAILER-DAEMON@gw.example>\nSubject: Delivery Status Notification (Failure)',
    `The following message to <ann@b.example> was undeliverable.
The reason for the problem:
5.1.0 - Unknown address error 550-'5.1.1 <ann@b.example>... User unknown'
`,
    ['ann@b.example mailbox_unknown!'],
  ],
  [
    'InterScan',
    'From: "InterScan Notification" <postmaster@gw.example>\nSubject: Mail could not be delivered',
    `Sent <<< RCPT TO:<ann@b.example>
Received >>> 550 5.1.1 <ann@b.example>... User unknown

Unable to deliver message to <ann@b.example>
`,
    ['ann@b.example mailbox_unknown!'],
  ],
  [
    'MailMarshal, the reason before the recipient',
    'From: postmaster@gw.example\nSubject: Undeliverable Mail: "Hello"',
    `Your message:
   From:    news@example.com
   Subject: Hello

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    ann@b.example
`,
    ['ann@b.example mailbox_unknown!'],
  ],
  [
    'Biglobe',
    'From: postmaster@biglobe.example\nSubject: Returned mail:',
    `   ----- The following addresses had delivery problems -----
ann@b.example

   ----- Non-delivered information -----
The number of messages in recipient's mailbox exceeded the local limit.
`,
    ['ann@b.example mailbox_full'],
  ],
  [
    'Exchange, words for administrators',
    'From: Microsoft Exchange <postmaster@b.example>\nSubject: Undeliverable: Hello',
    `Delivery has failed to these recipients or distribution lists:

ann@b.example
The e-mail address you entered could not be found.

Diagnostic information for administrators:

Generating server: ex.b.example

ann@b.example
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##
`,
    ['ann@b.example mailbox_unknown!'],
  ],
  [
    'IMail, an unknown user',
    'From: "Postmaster" <postmaster@b.example>\nSubject: Undeliverable Mail\nX-Mailer: <SMTP32 v8.22>',
    `Unknown user: ann@b.example

Original message follows.

${ORIGINAL}`,
    ['ann@b.example mailbox_unknown!'],
  ],
  [
    'KDDI',
    'From: Mail Delivery System <no-reply@app.example>\nSubject: Delivery failure notification',
    `Your mail sent on: Thu, 1 Jan 2026 00:00:00 +0900
Could not be delivered to: <ann@b.example>
As their mailbox is full.
`,
    ['ann@b.example mailbox_full'],
  ],
  [
    'a German provider',
    'From: Mailer-Daemon@provider.example\nSubject: Mail delivery failed: returning message to sender',
    `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address
failed:

"ann@b.example":
SMTP error from remote server after RCPT command:
host: mx.b.example
Empfaenger unbekannt
`,
    ['ann@b.example mailbox_unknown!'],
  ],
  [
    'HTML only',
    'From: postmaster@gw.example\nSubject: Undeliverable: Hello\nContent-Type: text/html',
    `<html><style>p{color:red}</style><body><p>Your message could not be delivered to:</p>
<p>&lt;ann@b.example&gt;:<br>550 5.2.2 Mailbox full</p></body></html>`,
    ['ann@b.example mailbox_full'],
  ],
] as const)('%s', (_, header, body, expected) => {
  expect(told(mail(header, body))).toEqual(expected)
})

test('the original below the notice tells whose it is', () => {
  const returned = mail(
    'From: MAILER-DAEMON@mx.example\nSubject: failure notice',
    `Hi. This is the qmail-send program at mx.example.

<ann@b.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <b+token@bounce.example.com>
${ORIGINAL}`,
  )
  expect(returned.kind === 'bounce' ? returned.original : null).toMatchObject({
    messageId: 'm1@example.com',
    feedbackId: 'a:b:c:mailwok',
    returnPath: 'b+token@bounce.example.com',
  })
})

test.each([
  [
    'a person who quotes a bounce',
    'From: ann@b.example\nSubject: Re: Undelivered Mail',
    '> <bob@c.example>: User unknown\n\nwhat is this?',
  ],
  [
    'a question to the postmaster',
    'From: ann@b.example\nTo: postmaster@example.com\nSubject: help',
    'my mail could not be delivered to\nbob@c.example',
  ],
  [
    'a newsletter',
    'From: news@b.example\nSubject: Delivery news',
    'Our new delivery service:\n\nann@b.example: order now',
  ],
  [
    'a report of a machine',
    'From: root@b.example\nReturn-Path: <>\nSubject: Cron <root@b> backup',
    'ann@b.example\nfinished without errors',
  ],
] as const)('%s is no bounce', (_, header, body) => {
  expect(mail(header, body).kind).toBe('other')
})
