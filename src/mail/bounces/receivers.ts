//
// Owns: what the replies of single receivers mean: their own codes and words, which no general rule could know.
// Sources are their public pages; docs/bounces.md names them.

import type { BounceReason } from '../../core/failure.ts'
import { matches, matchesAny, type Phrase, phrases } from './phrase.ts'

export type ReceiverName =
  | 'google'
  | 'microsoft'
  | 'yahoo'
  | 'apple'
  | 'cox'
  | 'spectrum'
  | 'orange'
  | 'laposte'
  | 'tencent'
  | 'kddi'
  | 'docomo'
  | 'facebook'
  | 'gmx'
  | 'mail.ru'
  | 'mimecast'
  | 'proofpoint'
  | 'godaddy'
  | 'comcast'

/** What a reply is known by: the MX host it came from, or words that only this receiver writes. */
interface Receiver {
  readonly name: ReceiverName
  /** Ends of MX host names. */
  readonly hosts: readonly string[]
  readonly marks: readonly Phrase[]
  /** Enhanced codes without their class, or words; the first that fits decides. */
  readonly rows: readonly (readonly [told: string, reason: BounceReason])[]
}

/** Rows: a code (`7.28`), a range of codes (`7.606-7.649`), words, or both (`5.2.1 + rate`); order matters. */
const RECEIVERS: readonly Receiver[] = [
  {
    // support.google.com/a/answer/3726730
    name: 'google',
    hosts: ['google.com', 'googlemail.com', 'psmtp.com'],
    marks: phrases('gsmtp\nsupport.google.com/\ngoogle.com/mail'),
    rows: [
      ['?p=nosuchuser', 'mailbox_unknown'],
      ['?p=disableduser', 'mailbox_disabled'],
      ['?p=overquota', 'mailbox_full'],
      ['?p=receivingrate', 'rate_limited'],
      ['receiving mail at a rate', 'rate_limited'],
      ['receiving mail too quickly', 'rate_limited'],
      ['daily smtp relay', 'rate_limited'],
      ['smtp relay limit', 'rate_limited'],
      ['account that you tried to reach is * inactive', 'mailbox_disabled'],
      ['account that you tried to reach is * disabled', 'mailbox_disabled'],
      ['out of storage', 'mailbox_full'],
      ['over quota', 'mailbox_full'],
      ['customfromdenied', 'sender_refused'],
      ['responded with code nxdomain', 'network'],
      ['returned null mx', 'domain_refuses_mail'],
      ['low reputation', 'reputation'],
      ['suspicious due to', 'reputation'],
      ['ptr record', 'ptr_missing'],
      ['?p=dmarcrejection', 'authentication'],
      ['?p=badrcptdomain', 'domain_unknown'],
      ['?p=rfcmessagenoncompliant', 'not_compliant'],
      ['rfc 5322', 'not_compliant'],
      ['multiple addresses in from', 'not_compliant'],
      ['?p=blockedmessage', 'content'],
      ['content presents a potential security', 'content'],
      ['potential security issue', 'content'],
      ['authentication information', 'authentication'],
      ['unauthenticated', 'authentication'],
      ['unsolicited mail originating', 'reputation'],
      ['unusual rate of unsolicited', 'rate_limited'],
      ['unsolicited', 'spam'],
      ['spam classification', 'spam'],
      ['7.28', 'rate_limited'],
      ['7.23', 'ptr_missing'],
      ['7.25', 'ptr_missing'],
      ['7.26', 'authentication'],
      ['7.27', 'authentication'],
      ['7.30', 'authentication'],
      ['7.31', 'authentication'],
      ['7.32', 'authentication'],
      ['7.40', 'authentication'],
      ['7.29', 'tls'],
      ['2.1 + inactive', 'mailbox_disabled'],
      ['7.0 + ip not in whitelist', 'blocked'],
      ['5.3 + too many recipients', 'rate_limited'],
      ['3.4', 'too_large'],
      ['5.1 + send', 'syntax'],
    ],
  },
  {
    // learn.microsoft.com: non-delivery-reports-in-exchange-online; sendersupport.olc.protection.outlook.com
    name: 'microsoft',
    hosts: ['outlook.com', 'hotmail.com', 'office365.com', 'messaging.microsoft.com', 'frontbridge.com'],
    marks: phrases(
      'prod.outlook.com\nprod.protection.outlook\nmail.protection.outlook\noutlook.com]\nsender.office.com\nmail.live.com\n(s3140)\n(s3150)\n(s31\nsendersupport.olc\nexchangelabs.com\nstoredrv.',
    ),
    rows: [
      ['7.606-7.649', 'blocked'],
      ['7.511', 'blocked'],
      ['s3140', 'blocked'],
      ['s3150', 'blocked'],
      ['block list', 'blocked'],
      ['banned sending ip', 'blocked'],
      ['7.515', 'authentication'],
      ['7.509', 'authentication'],
      ['7.23', 'authentication'],
      ['7.26', 'authentication'],
      ['does not pass dmarc', 'authentication'],
      ['7.25', 'ptr_missing'],
      ['7.500 + access denied', 'rate_limited'],
      ['7.500', 'rate_limited'],
      ['7.501-7.505', 'blocked'],
      ['7.508', 'rate_limited'],
      ['7.510', 'blocked'],
      ['7.512', 'not_compliant'],
      ['7.513', 'blocked'],
      ['7.650-7.699', 'rate_limited'],
      ['as(780090)', 'rate_limited'],
      ['exceeded the rate limit', 'rate_limited'],
      ['thread limit exceeded', 'rate_limited'],
      ['concurrent connections', 'too_many_connections'],
      ['number of concurrent', 'too_many_connections'],
      ['5.350 + x-dg-ref', 'security'],
      ['7.1 + unfortunately, messages from', 'blocked'],
      ['all recipient addresses rejected : access denied', 'sender_refused'],
      ['4.1 + recipient address rejected: access denied', 'mailbox_unknown'],
      ['4.1 + access denied', 'mailbox_unknown'],
      ['1.10', 'mailbox_unknown'],
      ['recipnotfound', 'mailbox_unknown'],
      ['recipient not found', 'mailbox_unknown'],
      ['recipient thread limit', 'rate_limited'],
      ['7.51 + tenantinboundattribution', 'policy'],
      ['7.5 + tls', 'tls'],
      ['7.64 + tenantattribution', 'relay_denied'],
      ['7.124', 'recipient_refused'],
      ['7.129-7.136', 'recipient_refused'],
      ['7.57', 'security'],
      ['7.60-7.69', 'security'],
      ['7.700-7.790', 'reputation'],
      ['1.8 + outbound spam', 'reputation'],
      ['recipsizelimit', 'too_large'],
      ['domain is not reachable', 'domain_unknown'],
      ['mismatches client ip', 'ptr_missing'],
    ],
  },
  {
    // senders.yahooinc.com/smtp-error-codes; the same machines serve AOL, AT&T, Verizon and others.
    name: 'yahoo',
    hosts: ['yahoodns.net', 'yahoo.com', 'yahoo.co.jp', 'aol.com', 'yahooinc.com', 'ymail.com'],
    marks: phrases(
      '[tss0\n[tss1\n[tss\n[ts0\nyahooinc.com\nyahoodns.net\npostmaster.yahoo\npostmaster.verizonmedia\npostmaster.aol\npostmaster-us.info.aol\nmail.yahoo.com',
    ),
    rows: [
      ["doesn't have a * account", 'mailbox_unknown'],
      ['[bl21]', 'blocked'],
      ['[bl23]', 'blocked'],
      ['[bl', 'blocked'],
      ['[tss04]', 'reputation'],
      ['[tss05]', 'reputation'],
      ['[tss09]', 'reputation'],
      ['[tss11]', 'reputation'],
      ['[tss13]', 'reputation'],
      ['[tss', 'reputation'],
      ['[ts01]', 'reputation'],
      ['[ts02]', 'reputation'],
      ['[ts03]', 'reputation'],
      ['[ts04]', 'reputation'],
      ['[ts', 'reputation'],
      ['user complaints', 'reputation'],
      ['[txn1]', 'system'],
      ['[ds1]', 'security'],
      ['[cp', 'policy'],
      ['[smtp1]', 'syntax'],
      ['[vs', 'rate_limited'],
      ['[ipts', 'reputation'],
      ['[rl', 'rate_limited'],
      ['[gl01]', 'greylisted'],
      ['too many messages', 'rate_limited'],
      ['resources temporarily', 'rate_limited'],
      ['not accepted for policy', 'policy'],
      ["not accepted due to domain's dmarc", 'authentication'],
      ['not accepted for dmarc', 'authentication'],
      ['listed by spamhaus', 'blocked'],
      ['account has been disabled', 'mailbox_disabled'],
      ['7.2', 'blocked'],
      ['1.8', 'sender_refused'],
    ],
  },
  {
    // support.apple.com/102322
    name: 'apple',
    hosts: ['icloud.com', 'apple.com', 'me.com'],
    marks: phrases('support.apple.com\nicloudadmin\nmail.icloud.com\n[cs01]\n[hm08]'),
    rows: [
      ['dmarc policy', 'authentication'],
      ['[cs01]', 'policy'],
      ['[hm07]', 'reputation'],
      ['[hm08]', 'policy'],
      ['due to local policy', 'policy'],
      ['blocked', 'blocked'],
      ['inactive email address', 'mailbox_unknown'],
      ['1.6', 'mailbox_moved'],
      ['2.2', 'mailbox_full'],
      ['unable to accept', 'rate_limited'],
      ['too many', 'rate_limited'],
    ],
  },
  {
    // cox.com: email-error-codes; Cloudmark's gateway speaks the same words elsewhere.
    name: 'cox',
    hosts: ['cox.net', 'cloudfilter.net'],
    marks: phrases('cox.com/\ncox.net\naup#cx\naup#cd\naup#blk\naup#out'),
    rows: [
      ['aup#cdrbl', 'blocked'],
      ['aup#cxbl', 'blocked'],
      ['aup#blk', 'blocked'],
      ['aup#bl', 'blocked'],
      ['aup#outblk', 'blocked'],
      ['aup#cxsnd', 'blocked'],
      ['aup#cxsndr', 'rate_limited'],
      ['aup#cxmj', 'rate_limited'],
      ['aup#cxthrt', 'rate_limited'],
      ['aup#cxcnct', 'too_many_connections'],
      ['aup#cxdns', 'ptr_missing'],
      ['aup#ptr', 'ptr_missing'],
      ['aup#i-1000', 'blocked'],
      ['aup#i-', 'blocked'],
      ['aup#o-', 'spam'],
      ['aup#pol', 'policy'],
      ['aup#in-1', 'too_many_connections'],
      ['too many sessions', 'too_many_connections'],
      ['cmae', 'spam'],
      ['message rejected', 'spam'],
    ],
  },
  {
    name: 'spectrum',
    hosts: ['charter.net', 'rr.com', 'spectrum.net', 'twc.com'],
    marks: phrases('spectrum.net/\ncharter.com/\naup#in-\naup#out-\naup#1'),
    rows: [
      ['aup#in-1000', 'blocked'],
      ['aup#in-1010', 'blocked'],
      ['aup#in-1020', 'blocked'],
      ['aup#in-1030', 'blocked'],
      ['aup#in-1040', 'blocked'],
      ['aup#in-1080', 'blocked'],
      ['aup#in-1090', 'rate_limited'],
      ['aup#in-11', 'rate_limited'],
      ['aup#in-12', 'blocked'],
      ['aup#in-13', 'too_many_connections'],
      ['aup#in-1', 'rate_limited'],
      ['aup#in-20', 'spam'],
      ['aup#1260', 'authentication'],
      ['aup#in-', 'blocked'],
    ],
  },
  {
    // postmaster.orange.fr
    name: 'orange',
    hosts: ['orange.fr', 'wanadoo.fr'],
    marks: phrases('ofr_\nofr0\nmwinf'),
    rows: [
      ['_999', 'blocked'],
      ['_101', 'blocked'],
      ['_102', 'blocked'],
      ['_103', 'blocked'],
      ['_104', 'too_many_connections'],
      ['_105', 'rate_limited'],
      ['_108', 'rate_limited'],
      ['_109', 'rate_limited'],
      ['_201', 'blocked'],
      ['_305', 'content'],
      ['_401', 'authentication'],
      ['_402', 'ptr_missing'],
      ['_403', 'sender_refused'],
      ['_405', 'sender_refused'],
      ['_415', 'sender_refused'],
      ['_416', 'mailbox_unknown'],
      ['_417', 'mailbox_full'],
      ['_418', 'sender_refused'],
      ['_420', 'mailbox_disabled'],
      ['_421', 'recipient_refused'],
      ['_422', 'mailbox_full'],
      ['_423', 'relay_denied'],
      ['_424', 'mailbox_unknown'],
      ['_425', 'mailbox_full'],
      ['_426', 'mailbox_disabled'],
      ['_505', 'system'],
      ['_506', 'spam'],
      ['_510', 'blocked'],
      ['_511', 'authentication'],
      ['_513', 'authentication'],
      ['_514', 'spam'],
      ['_515', 'spam'],
      ['_517', 'spam'],
      ['_519', 'spam'],
    ],
  },
  {
    name: 'laposte',
    hosts: ['laposte.net'],
    marks: phrases('lpn0\nlpn_'),
    rows: [
      ['_401', 'authentication'],
      ['_416', 'mailbox_unknown'],
      ['_417', 'mailbox_full'],
      ['_420', 'mailbox_disabled'],
      ['_425', 'mailbox_disabled'],
      ['_426', 'mailbox_disabled'],
      ['_102', 'blocked'],
      ['_103', 'blocked'],
      ['_104', 'too_many_connections'],
      ['_105', 'rate_limited'],
      ['_505', 'system'],
      ['_506', 'spam'],
      ['_510', 'blocked'],
    ],
  },
  {
    // service.mail.qq.com
    name: 'tencent',
    hosts: ['qq.com', 'qqmail.com'],
    marks: phrases('service.mail.qq.com\nservice.exmail.qq.com'),
    rows: [
      ['frequency limited', 'too_many_connections'],
      ['ip is not', 'ptr_missing'],
      ['suspected bounce attacks', 'rate_limited'],
      ['suspected spam ip', 'blocked'],
      ['suspected spam', 'spam'],
      ['ip suspected', 'blocked'],
      ['mail content denied', 'spam'],
      ['content denied', 'spam'],
      ['mail is rejected by recipients', 'recipient_refused'],
      ['mailbox unavailable or access denied', 'mailbox_disabled'],
      ['mailbox not found', 'mailbox_unknown'],
      ['mailbox is full', 'mailbox_full'],
      ['spf check failed', 'authentication'],
      ['dmarc check failed', 'authentication'],
      ['dkim check failed', 'authentication'],
      ['domain frequency limited', 'rate_limited'],
      ['sender frequency limited', 'rate_limited'],
      ['mail from must equal authorized user', 'sender_refused'],
      ['blocked ip', 'blocked'],
    ],
  },
  {
    // au and its old names. They write the address of an unknown user; without one it is a filter's answer.
    name: 'kddi',
    hosts: ['ezweb.ne.jp', 'au.com', 'auone-net.jp', 'dion.ne.jp', 'uqmobile.jp'],
    marks: [],
    rows: [
      ['account is disabled', 'mailbox_disabled'],
      ['<>: user unknown', 'mailbox_unknown'],
      ['550 : user unknown', 'recipient_refused'],
      ['recipient address rejected', 'mailbox_unknown'],
      ['mail rejected', 'recipient_refused'],
      ['too many', 'rate_limited'],
    ],
  },
  {
    // Its filters answer DATA with "Unknown user", for senders that a subscriber does not want.
    name: 'docomo',
    hosts: ['docomo.ne.jp'],
    marks: [],
    rows: [
      ['at data + unknown user', 'recipient_refused'],
      ['at mail + unknown user', 'sender_refused'],
      ['command parameter not implemented', 'syntax'],
    ],
  },
  {
    // postmaster.facebook.com/response_codes
    name: 'facebook',
    hosts: ['facebook.com'],
    marks: phrases('postmaster.facebook.com'),
    rows: [
      ['rcp-p1', 'mailbox_unknown'],
      ['rcp-p2', 'recipient_refused'],
      ['rcp-p3', 'recipient_refused'],
      ['rcp-p4', 'mailbox_full'],
      ['rcp-t', 'rate_limited'],
      ['con-t', 'rate_limited'],
      ['con-p', 'blocked'],
      ['pol-p1', 'reputation'],
      ['pol-p2', 'authentication'],
      ['pol-p', 'policy'],
      ['pol-t', 'rate_limited'],
      ['msg-p', 'spam'],
      ['msg-t', 'rate_limited'],
      ['int-', 'system'],
      ['dns-p1', 'sender_refused'],
      ['dns-p2', 'ptr_missing'],
      ['dns-t1', 'sender_refused'],
      ['dns-', 'ptr_missing'],
    ],
  },
  {
    // postmaster.gmx.net, postmaster.web.de
    name: 'gmx',
    hosts: [
      'gmx.net',
      'gmx.com',
      'gmx.de',
      'web.de',
      'kundenserver.de',
      '1and1.com',
      'ionos.com',
      'mail.com',
    ],
    marks: phrases('postmaster.gmx\npostmaster.web.de\nkundenserver.de\npostmaster.1und1\npostmaster.ionos'),
    rows: [
      ['error-messages?* greylist', 'greylisted'],
      ['reject due to policy', 'policy'],
      ['bad dns ptr', 'ptr_missing'],
      ['invalid dns ptr', 'ptr_missing'],
      ['no ptr', 'ptr_missing'],
      ['ip address is blacklisted', 'blocked'],
      ['ip * listed', 'blocked'],
      ['presently unavailable', 'mailbox_unknown'],
      ['too many connections', 'too_many_connections'],
      ['rate limit', 'rate_limited'],
      ['dmarc', 'authentication'],
      ['spf', 'authentication'],
      ['requested action not taken: mailbox unavailable', 'mailbox_unknown'],
    ],
  },
  {
    name: 'mail.ru',
    hosts: ['mail.ru', 'mxs.mail.ru'],
    marks: phrases('help.mail.ru\nhelp.mail.ru/notspam'),
    rows: [
      ['dmarc', 'authentication'],
      ['notspam-support', 'spam'],
      ['spam message rejected', 'spam'],
      ['spam message discarded', 'spam'],
      ['non-local recipient verification failed', 'mailbox_unknown'],
      ['account is inaccessible', 'mailbox_disabled'],
      ['ratelimit', 'rate_limited'],
      ['try again later', 'rate_limited'],
      ['we do not accept mail from', 'blocked'],
    ],
  },
  {
    // community.mimecast.com: SMTP error codes
    name: 'mimecast',
    hosts: ['mimecast.com', 'mimecast.org', 'mimecast.co.za'],
    marks: phrases('mimecast'),
    rows: [
      ['administrative prohibition', 'policy'],
      ['anti-spoofing', 'sender_refused'],
      ['dmarc', 'authentication'],
      ['spf', 'authentication'],
      ['local ct ip reputation', 'blocked'],
      ['internal domain', 'sender_refused'],
      ['greylisting', 'greylisted'],
      ['rejected by header based', 'policy'],
      ['envelope rejected', 'sender_refused'],
      ['local cluster has too many connections', 'too_many_connections'],
      ['too many hops', 'network'],
      ['unable to verify', 'sender_refused'],
      ['rejected by recipient', 'recipient_refused'],
      ['invalid recipient address', 'mailbox_unknown'],
      ['recipient * rejected', 'mailbox_unknown'],
      ['signature detected', 'virus'],
      ['email rejected due to security policies', 'virus'],
      ['sender address blocked', 'recipient_refused'],
      ['open relay not allowed', 'relay_denied'],
      ['account service is temporarily unavailable', 'system'],
    ],
  },
  {
    name: 'proofpoint',
    hosts: ['pphosted.com', 'ppe-hosted.com'],
    marks: phrases('proofpoint.com/\nipcheck.proofpoint'),
    rows: [
      ['dnsbl-lookup', 'blocked'],
      ['ipcheck.proofpoint', 'blocked'],
      ['sorry, your message has been rejected', 'spam'],
      ['rejected by this server', 'blocked'],
    ],
  },
  {
    // godaddy.com/help: fix bounce errors (ib codes)
    name: 'godaddy',
    hosts: ['secureserver.net'],
    marks: phrases('secureserver.net\nunsubscribe.*secureserver\nlookup/?i=ib1\nib10'),
    rows: [
      ['ib103', 'blocked'],
      ['ib104', 'blocked'],
      ['ib105', 'blocked'],
      ['ib106', 'blocked'],
      ['ib108', 'blocked'],
      ['ib110', 'rate_limited'],
      ['ib111', 'too_many_connections'],
      ['ib112', 'blocked'],
      ['ib113', 'blocked'],
      ['ib114', 'blocked'],
      ['ib115', 'blocked'],
      ['ib212', 'blocked'],
      ['ib213', 'blocked'],
      ['ib401', 'blocked'],
      ['ib501', 'spam'],
      ['ib502', 'spam'],
      ['ib504', 'spam'],
      ['ib505', 'spam'],
      ['ib506', 'spam'],
      ['ib507', 'spam'],
      ['ib508', 'virus'],
      ['ib705', 'virus'],
      ['ib510', 'spam'],
      ['ib511', 'spam'],
      ['too many concurrent', 'too_many_connections'],
      ['account does not exist', 'mailbox_unknown'],
    ],
  },
  {
    // postmaster.comcast.net
    name: 'comcast',
    hosts: ['comcast.net', 'xfinity.com'],
    marks: phrases('postmaster.comcast\nxfinity.com/support\ncomcast block'),
    rows: [
      ['rl0000', 'rate_limited'],
      ['bl0000', 'blocked'],
      ['comcast block', 'blocked'],
      ['too many sessions', 'too_many_connections'],
      ['ptr', 'ptr_missing'],
      ['not our customer', 'mailbox_unknown'],
      ['account not available', 'mailbox_disabled'],
    ],
  },
]

export interface ReceiverQuestion {
  /** comparable() words. */
  readonly words: string
  /** subject.detail of the enhanced code; empty without one. */
  readonly detail: string
  readonly stage: string
  readonly remoteMta: string | null
}

/** Whose reply it is, by its MX host or by words that nobody else writes. */
export function receiverOf(question: Pick<ReceiverQuestion, 'words' | 'remoteMta'>): ReceiverName | null {
  return find(question)?.name ?? null
}

/** What the receiver's own table says; null when it is silent. */
export function reasonByReceiver(question: ReceiverQuestion): BounceReason | null {
  for (const [told, reason] of find(question)?.rows ?? []) if (fits(told, question)) return reason
  return null
}

function find({ words, remoteMta }: Pick<ReceiverQuestion, 'words' | 'remoteMta'>): Receiver | null {
  if (remoteMta !== null) {
    for (const receiver of RECEIVERS) {
      if (receiver.hosts.some((host) => remoteMta === host || remoteMta.endsWith(`.${host}`))) return receiver
    }
  }
  for (const receiver of RECEIVERS) if (matchesAny(words, receiver.marks)) return receiver
  return null
}

const CODE = /^\d{1,2}\.\d{1,3}$/
const RANGE = /^(\d{1,2})\.(\d{1,3})-\1\.(\d{1,3})$/

function fits(told: string, { words, detail, stage }: ReceiverQuestion): boolean {
  return told.split(' + ').every((part) => {
    if (part.startsWith('at ')) return stage === part.slice(3)
    if (CODE.test(part)) return detail === part
    const range = RANGE.exec(part)
    if (range === null) return matches(words, part.split('*'))
    const [subject, number] = detail.split('.')
    return subject === range[1] && Number(number) >= Number(range[2]) && Number(number) <= Number(range[3])
  })
}
