import { testReplies } from '../../support/bounce-replies.ts'

testReplies('BODY', [
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
    '550-5.7.1 [192.0.2.1] Our system has detected an unusual rate of unsolicited mail originating\n550-5.7.1 from your IP address. To protect our users from spam, mail sent from your IP address has been\n550 5.7.1 blocked: https://support.google.com/mail/?p=UnsolicitedIPError a1 - gsmtp',
    'blocked',
    undefined,
    'blocked',
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
    'sender_refused',
    undefined,
    'none',
  ],
  ['550 User unknown', 'recipient_refused'],
  ['554 5.6.1 Body type not supported by Remote Host', 'content'],
  ['550 5.7.1 Blocked by SpamAssassin', 'spam'],
  [
    '554 5.7.1 The message from (<a@b.example>) with the subject of (x) matches a profile the Internet community may consider spam. Please revise your message before resending.',
    'spam',
  ],
])
