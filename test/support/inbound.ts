//
// Owns: mail from outside to port 25 of a lab: bounces, complaints and letters as other people's servers write them.

import type { Lab } from './appliance.ts'
import { type SmtpClient, smtpClient } from './smtp-client.ts'

export interface Outside {
  /** Null: the null reverse-path. */
  readonly from?: string | null
  readonly to: readonly string[]
  /** LF is written as CRLF. */
  readonly message: string
}

/** The reply to the final dot, or the first refusal on the way to it. */
export async function deliver(
  lab: Pick<Lab, 'port'>,
  { from = null, to, message }: Outside,
): Promise<string> {
  const client = await outsider(lab)
  try {
    const commands = [`MAIL FROM:<${from ?? ''}>`, ...to.map((path) => `RCPT TO:<${path}>`), 'DATA']
    for (const command of commands) {
      const reply = await client.ask(command)
      if (!/^[23]/.test(reply)) return reply
    }
    client.send(`${crlf(message).replace(/^\./gm, '..')}\r\n.\r\n`)
    return (await client.reply()).at(-1) ?? ''
  } finally {
    client.close()
  }
}

/** What RCPT is answered. */
export async function asked(
  lab: Pick<Lab, 'port'>,
  path: string,
  from = 'a@stranger.example',
): Promise<string> {
  const client = await outsider(lab)
  try {
    await client.ask(`MAIL FROM:<${from}>`)
    return await client.ask(`RCPT TO:<${path}>`)
  } finally {
    client.close()
  }
}

async function outsider(lab: Pick<Lab, 'port'>): Promise<SmtpClient> {
  const client = await smtpClient(lab.port('inbound.listen'))
  await client.reply()
  await client.ask('EHLO mx.stranger.example')
  return client
}

const crlf = (text: string): string => text.replace(/\r?\n/g, '\r\n')

/** The reverse-path of the last message that reached the MX. */
export function lastReturnPath(lab: Pick<Lab, 'mx'>): string {
  return lab.mx.messages.at(-1)?.reversePath ?? ''
}

export interface BounceFacts {
  readonly action?: string
  readonly status?: string
  readonly diagnostic?: string
}

/** RFC 3464. */
export const bounceOf = (
  recipient: string,
  facts: BounceFacts = {},
): string => `From: MAILER-DAEMON@mx.example.net
To: sender
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver your message.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; ${recipient}
Action: ${facts.action ?? 'failed'}
Status: ${facts.status ?? '5.1.1'}
Remote-MTA: dns; inner.example.net
Diagnostic-Code: smtp; ${facts.diagnostic ?? '550 5.1.1 user unknown'}

--b
Content-Type: text/rfc822-headers

Subject: Hello

--b--
`

/** RFC 5965; `original` is the header of what was complained about. */
export const complaintOf = (original: string, fields = ''): string => `From: fbl@provider.example
To: fbl
Subject: complaint about message
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider-FBL/1.0
Version: 1
${fields}
--b
Content-Type: message/rfc822

${original.replaceAll('\r\n', '\n')}

--b--
`

/** A report as mail: one attachment, in base64. */
export const reportMail = (
  filename: string,
  type: string,
  content: Buffer,
): string => `From: noreply@receiver.example
To: dmarc@example.com
Subject: Report Domain: example.com Submitter: receiver.example
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain

An aggregate report.

--b
Content-Type: ${type}; name="${filename}"
Content-Disposition: attachment; filename="${filename}"
Content-Transfer-Encoding: base64

${content.toString('base64').replace(/(.{76})/g, '$1\n')}
--b--
`

export const letter = (fields = '', body = 'Good day.'): string => `From: Ann <ann@stranger.example>
To: support@example.com
Subject: A question
Date: Fri, 2 Jan 2026 00:00:00 +0000
Message-ID: <q1@stranger.example>
${fields === '' ? '' : `${fields}\n`}
${body}
`
