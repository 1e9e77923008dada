//
// Owns: what somebody who begins to send does when: on the first day, after a week, after a month. Pure.

export interface Advice {
  readonly day: 1 | 7 | 30
  readonly steps: readonly Step[]
}

export interface Step {
  readonly title: string
  readonly lines: readonly string[]
}

export function adviceFor(day: string): Advice | null {
  switch (day) {
    case '1':
      return { day: 1, steps: FIRST_DAY }
    case '7':
      return { day: 7, steps: FIRST_WEEK }
    case '30':
      return { day: 30, steps: FIRST_MONTH }
    default:
      return null
  }
}

const FIRST_DAY: readonly Step[] = [
  {
    title: 'Nothing may be red',
    lines: [
      'mailwok doctor',
      'mailwok doctor bounce     # a bounce has to find its way back before there are many',
    ],
  },
  {
    title: 'Enrol where large receivers tell senders how they are doing',
    lines: [
      'Google Postmaster Tools: https://postmaster.google.com/ (add the domain, publish the TXT record that it shows)',
      'Microsoft SNDS and JMRP: https://sendersupport.olc.protection.outlook.com/snds/ (needs the address of this server)',
      'Yahoo Sender Hub: https://senders.yahooinc.com/ (complaint feedback by DKIM domain)',
      'Complaints of Yahoo and Microsoft come to the address that docs/bounces.md names: enter that one.',
    ],
  },
  {
    title: 'Publish DMARC with p=none, and have its reports come here',
    lines: [
      'mailwok domain dns example.com     # shows the record',
      'mailwok report list     # what receivers report, from tomorrow on',
    ],
  },
  {
    title: 'Send what people wait for first',
    lines: [
      'Login codes, receipts, answers. Bulk mail waits until a week of that went well; warm-up holds it back by itself.',
      'Put postmaster@ and abuse@ of each sending domain where somebody reads them.',
    ],
  },
]

const FIRST_WEEK: readonly Step[] = [
  {
    title: 'Look at what receivers say',
    lines: [
      'mailwok stats',
      'mailwok sending list',
      'mailwok report list',
      'Hard bounces below 2 %, complaints below 0.1 %; at 0.3 % Google and Yahoo refuse bulk mail.',
    ],
  },
  {
    title: 'Find everybody who sends as your domain',
    lines: [
      'DMARC reports name each sender. Those that are yours and fail want DKIM of your domain; those that are not are why DMARC exists.',
    ],
  },
  {
    title: 'When a week of reports shows no sender of yours that fails: a first step',
    lines: [
      '_dmarc.example.com. 3600 IN TXT "v=DMARC1; p=quarantine; t=y; rua=mailto:dmarc@bounce.example.com"',
      't=y asks receivers to try it out first (RFC 9989); older ones read p=none beside pct=0.',
    ],
  },
  {
    title: 'Have a backup elsewhere',
    lines: [
      'mailwok backup create /var/lib/mailwok/backups/$(date +%F)',
      'Copy the folder to another machine, and restore it there once.',
    ],
  },
]

const FIRST_MONTH: readonly Step[] = [
  {
    title: 'Enforce DMARC',
    lines: [
      '_dmarc.example.com. 3600 IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@bounce.example.com"',
      'Two weeks later, if nobody complains: p=reject.',
    ],
  },
  {
    title: 'Protect mail to you as well',
    lines: [
      'MTA-STS (RFC 8461) and TLS reports (RFC 8460) are of your incoming mail: whoever runs your mailboxes says how.',
    ],
  },
  {
    title: 'See that warm-up is over',
    lines: ['mailwok source list', 'mailwok source list --provider google'],
  },
  {
    title: 'Clean up',
    lines: [
      'mailwok suppression list     # who is never written to again, and why',
      'Stop writing to people who opened nothing for half a year; they are where complaints and traps come from.',
      'mailwok key list     # revoke what nobody uses',
    ],
  },
]
