import { expect, test } from 'bun:test'
import type { BounceReason } from '../../../src/core/failure.ts'
import type { SmtpStage } from '../../../src/core/outcome.ts'
import { parseEnhanced } from '../../../src/core/reply.ts'
import { judge } from '../../../src/mail/bounces/classify.ts'
import { type Pressure, pressureOf } from '../../../src/mail/bounces/pressure.ts'

/** "550-5.1.1 words\n550 5.1.1 words" as our reply parser hands it on: codes off, lines joined. */
function causeOf(stage: SmtpStage, lines: string) {
  const code = Number(lines.slice(0, 3))
  const texts = lines.split('\n').map((line) => line.slice(4))
  const enhanced = parseEnhanced(texts[0] ?? '', code)
  const text = texts.map((line) => line.replace(/^[245]\.\d+\.\d+ ?/, '')).join('\n')
  return { kind: 'reply', stage, reply: { code, enhanced, text } } as const
}

type Row = readonly [reply: string, reason: BounceReason, hardness?: 'hard' | undefined, pressure?: Pressure]

const AT: Readonly<Record<'GREETING' | 'MAIL' | 'RCPT' | 'BODY', readonly Row[]>> = {
  GREETING: [
    [
      '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
      'blocked',
      undefined,
      'blocked',
    ],
    [
      '421 4.7.0 mx.example.com Error: too many connections from 192.0.2.1',
      'too_many_connections',
      undefined,
      'too-many-connections',
    ],
    [
      '421 Too many concurrent SMTP connections; please try again later.',
      'too_many_connections',
      undefined,
      'too-many-connections',
    ],
    ['554 5.7.1 No PTR record for 192.0.2.1', 'ptr_missing', undefined, 'blocked'],
    ['421-4.7.0 unexpected volume', 'rate_limited', undefined, 'slow-down'],
    [
      '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
      'reputation',
      undefined,
      'blocked',
    ],
    [
      "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list; see http://postmaster.yahoo.com/550-bl23.html",
      'blocked',
      undefined,
      'blocked',
    ],
    [
      '554 mi-mx001.gmx.net (mxgmx017) Nemesis ESMTP Service not available\n554-No SMTP service\n554-IP address is black listed.\n554 For explanation visit https://postmaster.gmx.net/en/error-messages?ip=192.0.2.1&c=bl',
      'blocked',
      undefined,
      'blocked',
    ],
    [
      '554-gmx.net (mxgmx106) Nemesis ESMTP Service not available\n554-No SMTP service\n554-Bad DNS PTR resource record.\n554 For explanation visit https://postmaster.gmx.net/en/error-messages?ip=192.0.2.1&c=rdns',
      'ptr_missing',
    ],
    ['554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1', 'blocked', undefined, 'blocked'],
    [
      '550 5.7.1 192.0.2.1 has been blocked by Cloudmark Sender Intelligence. https://csi.cloudmark.com/reset-request/?ip=192.0.2.1',
      'blocked',
      undefined,
      'blocked',
    ],
    [
      '554-p3plibsmtp03-01.prod.phx3.secureserver.net\n554 Your IP address has been blocked due to poor reputation. IB106 . <https://unblock.secureserver.net/?ip=192.0.2.1>',
      'blocked',
      undefined,
      'blocked',
    ],
    [
      '421 mwinf5c04 ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR004_104 [104]',
      'too_many_connections',
      undefined,
      'too-many-connections',
    ],
    ['421 service temporarily unavailable', 'system', undefined, 'unreachable'],
    ['450 mx.example.com busy', 'system', undefined, 'unreachable'],
  ],
  MAIL: [
    ['550 5.1.1 user unknown', 'sender_refused'],
    ['550 No such domain', 'sender_refused'],
    ['556 5.7.27 Sender domain has null MX', 'sender_refused'],
    ['550 5.1.8 <a@b.example>: Sender address rejected: Domain not found', 'sender_refused'],
    ['450 4.1.8 <a@b.example>: Sender address rejected: Domain not found', 'sender_refused'],
    ['550 5.7.1 <a@b.example>: Sender address rejected: not owned by user', 'sender_refused'],
    ['553 5.1.8 <a@b.example>... Domain of sender address a@b.example does not exist', 'sender_refused'],
    ['550 sender verify failed', 'sender_refused'],
    [
      '451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719) [AM7EUR06FT027.eop-eur06.prod.protection.outlook.com]',
      'rate_limited',
      undefined,
      'slow-down',
    ],
    [
      "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150). You can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors.",
      'blocked',
      undefined,
      'blocked',
    ],
    [
      '550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit https://sender.office.com/ and follow the directions. For more information please go to http://go.microsoft.com/fwlink/?LinkID=526655',
      'blocked',
      undefined,
      'blocked',
    ],
    [
      '550 5.7.511 Access denied, banned sender[192.0.2.1]. To request removal from this list please forward this message to delist@microsoft.com',
      'blocked',
      undefined,
      'blocked',
    ],
    [
      '451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S775) [BN8NAM11FT057.eop-nam11.prod.protection.outlook.com]',
      'rate_limited',
      undefined,
      'slow-down',
    ],
    [
      "421 RP-001 (SNT004-MC1F10) Unfortunately, some messages from 192.0.2.1 weren't sent. Please try again. We have limits for how many messages can be sent per hour and per day.",
      'rate_limited',
      undefined,
      'slow-down',
    ],
    ['452 4.3.1 Insufficient system storage', 'system_full'],
    ['530 5.7.0 Must issue a STARTTLS command first', 'tls'],
    ['530 5.7.1 Authentication required', 'security'],
    ['550 5.7.25 The IP address sending this message does not have a PTR record setup', 'ptr_missing'],
    ['552 5.3.4 Message size exceeds fixed limit', 'too_large'],
  ],
  RCPT: [
    ['451 4.7.1 Too many messages, try again in 10 minutes', 'rate_limited', undefined, 'slow-down'],
    ['451 please try again in 300 seconds', 'greylisted'],
    [
      '450 4.1.1 <a@b.example>: Recipient address rejected: unverified address: Address verification in progress',
      'system',
    ],
    [
      '550-Verification failed for <a@b.example>\n550-Unrouteable address\n550 Sender verify failed',
      'sender_refused',
    ],
    ['550 5.7.1 This server does not accept mail from dynamic addresses', 'blocked'],
    ['550 we do not accept mail from hosts without DNS', 'blocked'],
    ['521 not for you', 'other'],
    ['550 Daily sending quota exceeded', 'rate_limited'],
    ['550 5.1.0 Address rejected', 'mailbox_unknown', 'hard'],
    ['550 unknown domain', 'sender_refused'],
    ['550 5.1.2 unknown domain', 'domain_unknown', 'hard'],
    ['550 5.7.1 Our policy has changed to refuse such mail', 'policy'],
    ['550 5.1.1 sender rejected', 'sender_refused'],
    ['554 5.7.1 Recipient address rejected: Access denied', 'recipient_refused'],
    [
      "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 double-checking the recipient's email address for typos or\n550-5.1.1 unnecessary spaces. For more information, go to\n550 5.1.1  https://support.google.com/mail/?p=NoSuchUser a1-2 - gsmtp",
      'mailbox_unknown',
      'hard',
    ],
    [
      '550-5.2.1 The email account that you tried to reach is inactive. For more\n550-5.2.1 information, go to\n550 5.2.1  https://support.google.com/mail/?p=DisabledUser a1 - gsmtp',
      'mailbox_disabled',
    ],
    [
      "452-4.2.2 The recipient's inbox is out of storage space. Please direct the\n452-4.2.2 recipient to\n452 4.2.2  https://support.google.com/mail/?p=OverQuotaTemp a1 - gsmtp",
      'mailbox_full',
    ],
    [
      '450-4.2.1 The user you are trying to contact is receiving mail at a rate that\n450-4.2.1 prevents additional messages from being delivered. Please resend your\n450 4.2.1  https://support.google.com/mail/?p=ReceivingRate a1 - gsmtp',
      'rate_limited',
      undefined,
      'none',
    ],
    [
      '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient a@b.example not found by SMTP address lookup',
      'mailbox_unknown',
      'hard',
    ],
    [
      '550 5.4.1 Recipient address rejected: Access denied. For more information see https://aka.ms/EXOSmtpErrors [AM7EUR06FT027.eop-eur06.prod.protection.outlook.com 2026-01-01]',
      'mailbox_unknown',
      'hard',
    ],
    [
      '550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [BN8NAM11FT057.eop-nam11.prod.protection.outlook.com]',
      'mailbox_unknown',
      'hard',
    ],
    ['550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy', 'policy'],
    ['550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required', 'recipient_refused'],
    [
      "554 delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.com) [0] - mta1.mail.ne1.yahoo.com",
      'mailbox_unknown',
      'hard',
    ],
    ['552 1 Requested mail action aborted, mailbox not found', 'mailbox_unknown'],
    ['550 5.1.1 <a@icloud.com>: user does not exist', 'mailbox_unknown', 'hard'],
    ['552 5.2.2 <a@icloud.com>: user is over quota', 'mailbox_full'],
    [
      '550 Requested action not taken: mailbox unavailable\nFor explanation visit https://postmaster.gmx.net/en/case?c=r0601',
      'mailbox_unknown',
      'hard',
    ],
    [
      '450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/b.example.html',
      'greylisted',
    ],
    ['451 4.7.1 Greylisting in action, please come back later', 'greylisted'],
    ['451 4.7.1 Please try again later (TEMPFAIL)', 'greylisted'],
    ['450 4.7.1 <a@b.example>: Recipient address rejected: Please try again later', 'greylisted'],
    ['450 4.7.1 <a@b.example>: Recipient address rejected: Policy Rejection- Greylisted', 'greylisted'],
    ['451 4.3.0 <a@b.example>: Temporary greylisting: try again in 300 seconds', 'greylisted'],
    ['451 You have been greylisted, come back in 00:05:00', 'greylisted'],
    ['451 4.7.1 Try again later', 'greylisted'],
    [
      '450 Internal resource temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#450 [x]',
      'greylisted',
    ],
    [
      '550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in virtual mailbox table',
      'mailbox_unknown',
      'hard',
    ],
    ['550 5.1.1 <a@b.example> recipient rejected', 'mailbox_unknown', 'hard'],
    ['550 sorry, no mailbox here by that name (#5.1.1 - chkuser)', 'mailbox_unknown', 'hard'],
    ['550 No Such User Here', 'mailbox_unknown', 'hard'],
    ['550 unrouteable address', 'domain_unknown', 'hard'],
    ["553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", 'relay_denied'],
    ['550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain', 'relay_denied'],
    ['454 4.7.1 <a@b.example>: Relay access denied', 'relay_denied'],
    [
      '550 5.7.1 <a@b.example>: Recipient address rejected: Please see http://www.openspf.net/Why?s=mfrom',
      'authentication',
    ],
    ['554 5.7.1 <a@b.example>: Recipient address rejected: Rejected by policy', 'policy'],
    ['554 5.7.1 <spam@b.example>: Recipient address rejected: User unknown', 'recipient_refused'],
    ['552 5.2.2 Mailbox size limit exceeded', 'mailbox_full'],
    ['452 4.2.2 Over quota', 'mailbox_full'],
    ['452 4.5.3 Too many recipients', 'rate_limited', undefined, 'none'],
    ['550 5.2.1 Mailbox disabled, not accepting messages', 'mailbox_disabled'],
    ['550 5.1.6 Recipient no longer on server', 'mailbox_moved', 'hard'],
    ['551 5.1.6 User has moved to b@c.example', 'mailbox_moved', 'hard'],
    ['556 5.1.10 Recipient address has null MX', 'domain_refuses_mail', 'hard'],
    ['550 5.1.2 <a@b.example>: Recipient address rejected: Domain not found', 'domain_unknown', 'hard'],
    ['450 4.1.2 <a@b.example>: Recipient address rejected: Domain not found', 'domain_unknown'],
    [
      '550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000728',
      'mailbox_unknown',
      'hard',
    ],
    [
      '550 Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550 [x]',
      'policy',
    ],
    [
      '550 Rejected by header based manually Blocked Senders - https://community.mimecast.com/docs/DOC-1369#550',
      'policy',
    ],
    ['451 4.3.2 Please try again later', 'system'],
    [
      '550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Barracuda Reputation',
      'blocked',
      undefined,
      'blocked',
    ],
    ['421 4.7.0 Try again later, closing connection.', 'system', undefined, 'slow-down'],
    ['450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]', 'ptr_missing'],
    ['550 5.7.1 Client host rejected: cannot find your reverse hostname', 'ptr_missing'],
  ],
  BODY: [
    ['550 Domain of your From address does not exist', 'sender_refused'],
    [
      '550 Requested action not taken: mailbox unavailable\nFor explanation visit https://postmaster.gmx.net/en/error-messages?c=hi',
      'recipient_refused',
    ],
    ['550 5.1.0 Message refused', 'recipient_refused'],
    [
      '550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\n550 5.4.5 sending limits go to https://support.google.com/a/answer/166852 a1 - gsmtp',
      'rate_limited',
    ],
    ['550 5.7.27 Sender address has null MX', 'sender_refused'],
    [
      '550-5.7.26 This mail has been blocked because the sender is unauthenticated.\n550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.\n550 5.7.26  https://support.google.com/mail/answer/81126#authentication a1 - gsmtp',
      'authentication',
    ],
    [
      '421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating\n421-4.7.28 from your IP address. To protect our users from spam, mail sent from\n421 4.7.28  https://support.google.com/mail/?p=UnsolicitedRateLimitError a1 - gsmtp',
      'rate_limited',
      undefined,
      'slow-down',
    ],
    [
      '550-5.7.1 Gmail has detected that this message is likely unsolicited mail. To reduce\n550-5.7.1 the amount of spam sent to Gmail, this message has been blocked.\n550 5.7.1  https://support.google.com/mail/?p=UnsolicitedMessageError a1 - gsmtp',
      'spam',
    ],
    [
      '550-5.7.1 Our system has detected that this message is likely suspicious due to the\n550-5.7.1 very low reputation of the sending domain.\n550 5.7.1  https://support.google.com/mail/answer/188131 a1 - gsmtp',
      'reputation',
      undefined,
      'blocked',
    ],
    [
      "421-4.7.27 Your email has been rate limited because SPF authentication didn't\n421 4.7.27 pass for this message. a1 - gsmtp",
      'authentication',
    ],
    [
      '550-5.7.25 The IP address sending this message does not have a PTR record setup, or\n550 5.7.25 a1 - gsmtp',
      'ptr_missing',
    ],
    [
      '552-5.7.0 This message was blocked because its content presents a potential\n552-5.7.0 security issue. Please visit\n552 5.7.0  https://support.google.com/mail/?p=BlockedMessage a1 - gsmtp',
      'content',
    ],
    [
      "552-5.3.4 Your message exceeded Google's message size limits. Please visit\n552 5.3.4 https://support.google.com/mail/?p=MaxSizeError a1 - gsmtp",
      'too_large',
    ],
    [
      "550 5.7.515 Access denied, sending domain EXAMPLE.COM does not meet the required authentication level. The sender's domain in the 5322.From address doesn't meet the authentication requirements defined for the sender.",
      'authentication',
    ],
    [
      '550 5.7.509 Access denied, sending domain example.com does not pass DMARC verification and has a DMARC policy of reject.',
      'authentication',
    ],
    ['550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient', 'too_large'],
    [
      '554 5.7.9 Message not accepted for policy reasons. See https://senders.yahooinc.com/error-codes',
      'policy',
    ],
    [
      '553 5.7.2 [TSS09] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed. See https://senders.yahooinc.com/error-codes',
      'reputation',
      undefined,
      'blocked',
    ],
    [
      "554 5.7.1 Your message was rejected due to example.com's DMARC policy. See https://support.apple.com/en-us/HT204137 for info",
      'authentication',
    ],
    [
      '550 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137',
      'policy',
    ],
    [
      '554 5.7.1 [HM08] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137',
      'policy',
    ],
    ['550 5.7.1 Message rejected as spam by Content Filtering.', 'spam'],
    ['554 5.7.1 Spam message rejected', 'spam'],
    [
      '550 spam message rejected. Please visit http://help.mail.ru/notspam-support/id?c=x or report details to abuse@corp.mail.ru.',
      'spam',
    ],
    ['554 5.7.0 Reject, id=12345-01 - INFECTED: Eicar-Test-Signature', 'virus'],
    ['550 5.7.1 Message contains a virus: Win.Trojan.Agent', 'virus'],
    ['552 5.3.4 Message size exceeds fixed maximum message size', 'too_large'],
    ['550 5.6.0 Lone CR or LF in message body (see RFC2822 section 2.3)', 'not_compliant'],
    ['554 5.6.0 Message contains NULL characters', 'not_compliant'],
    ['550 5.7.1 This message is not RFC 5322 compliant. The From: header is missing', 'not_compliant'],
    ['451 4.3.0 Error: queue file write error', 'system'],
    ['452 4.3.1 Insufficient system resources (UsedDiskSpace)', 'system_full'],
    ['550 5.4.6 Routing loop detected -- too many Received: headers', 'network'],
    ['554 5.4.14 Hop count exceeded - possible mail loop ATTR34 [x.prod.outlook.com]', 'network'],
    ['554 Message permanently rejected; considered spam', 'spam'],
    [
      '550 5.2.0 x Message rejected due to reputation. See https://spa.xfinity.com/report',
      'reputation',
      undefined,
      'blocked',
    ],
    [
      '550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.',
      'blocked',
      undefined,
      'blocked',
    ],
    ['550 User unknown', 'recipient_refused'],
    ['554 5.6.1 Body type not supported by Remote Host', 'content'],
    ['550 5.7.1 Blocked by SpamAssassin', 'spam'],
    [
      '554 5.7.1 The message from (<a@b.example>) with the subject of (x) matches a profile the Internet community may consider spam. Please revise your message before resending.',
      'spam',
    ],
  ],
}

for (const [stage, rows] of Object.entries(AT) as readonly (readonly [SmtpStage, readonly Row[]])[]) {
  for (const [reply, reason, hardness, pressure] of rows) {
    test(`${stage}: ${reply.split('\n', 1)[0]} → ${reason}`, () => {
      const cause = causeOf(stage, reply)
      const verdict = judge(cause)
      expect([verdict.reason, verdict.hardness]).toEqual([reason, hardness ?? 'soft'])
      if (pressure !== undefined) expect(pressureOf(cause)).toBe(pressure)
    })
  }
}
