import { expect, test } from 'bun:test'
import { readCsv } from '../../../src/core/csv.ts'
import { ListReader, type ListWish } from '../../../src/services/suppression/foreign-list.ts'

const NOTHING: ListWish = { from: null, kind: null }

/** As `address reason scope`, or why it was skipped. */
async function read(lines: readonly string[], wish: Partial<ListWish> = {}) {
  const reader = new ListReader({ ...NOTHING, ...wish })
  const found: string[] = []
  const pieces = (async function* () {
    yield Buffer.from(`\ufeff${lines.join('\r\n')}`)
  })()
  for await (const { cells } of readCsv(pieces)) {
    const row = reader.read(cells)
    if (row === null) continue
    if ('skip' in row) found.push(`skipped: ${row.skip}`)
    else found.push([row.draft.address, row.draft.reason, row.draft.scope ?? 'all'].join(' '))
  }
  return [reader.origin, ...found]
}

const BLOCK = 'skipped: a block is about a message, not about its address'
const EITHER = 'skipped: a bounce or a block, the file does not say which; say so with the kind bounces'

const SHAPES: readonly {
  readonly what: string
  readonly wish?: Partial<ListWish>
  readonly lines: readonly string[]
  readonly found: readonly string[]
}[] = [
  {
    what: 'SendGrid: bounces and blocks, told apart by nothing but the reply',
    lines: [
      'status,reason,email,created',
      '5.1.1,"550 5.1.1 no such user, sorry",a@x.example,1700000000',
      '5.7.1,550 5.7.1 spam,b@x.example,1700000000',
      ',error dialing remote address,c@x.example,1700000000',
    ],
    found: ['sendgrid', 'a@x.example hard_bounce all', EITHER, EITHER],
  },
  {
    what: 'SendGrid: bounces by the name of the file',
    wish: { file: '/tmp/suppression_bounces.csv' },
    lines: [
      'status,reason,email,created',
      '5.1.1,550 no,a@x.example,1',
      '5.7.1,spam,b@x.example,1',
      '4.2.2,full,c@x.example,1',
      ',550 no,d@x.example,1',
    ],
    found: [
      'sendgrid',
      'a@x.example hard_bounce all',
      'b@x.example import all',
      'skipped: a refusal that passes',
      'd@x.example hard_bounce all',
    ],
  },
  {
    what: 'SendGrid: blocks',
    wish: { kind: 'blocks' },
    lines: ['status,reason,email,created', '5.1.1,x,a@x.example,1'],
    found: ['sendgrid', BLOCK],
  },
  {
    what: 'SendGrid: spam reports',
    lines: ['email,created,ip', 'a@x.example,1700000000,192.0.2.1'],
    found: ['sendgrid', 'a@x.example complaint all'],
  },
  {
    what: 'SendGrid: invalid emails',
    lines: [
      'email,created,reason',
      'a@x.example,1700000000,Mail domain mentioned in email address is unknown',
    ],
    found: ['sendgrid', 'a@x.example hard_bounce all'],
  },
  {
    what: 'SendGrid: global and group unsubscribes',
    lines: ['email,created,group_name', 'a@x.example,1,', 'b@x.example,1,News'],
    found: ['sendgrid', 'a@x.example unsubscribe all', 'b@x.example unsubscribe marketing'],
  },
  {
    what: 'Mailgun: bounces',
    lines: [
      'address,code,error,created_at',
      'a@x.example,550,No such mailbox,"Fri, 21 Oct 2011 11:02:55 UTC"',
      'b@x.example,605,Not delivering to previously bounced address,x',
      'c@x.example,421,try later,x',
      'd@x.example,550,5.7.1 listed,x',
    ],
    found: [
      'mailgun',
      'a@x.example hard_bounce all',
      'b@x.example hard_bounce all',
      'skipped: a refusal that passes',
      'd@x.example import all',
    ],
  },
  {
    what: 'Mailgun: complaints',
    lines: ['address,created_at', 'a@x.example,x'],
    found: ['mailgun', 'a@x.example complaint all'],
  },
  {
    what: 'Mailgun: unsubscribes of all and of a tag',
    lines: ['address,tags,created_at', 'a@x.example,*,x', 'b@x.example,news.weekly,x', 'c@x.example,"a b",x'],
    found: [
      'mailgun',
      'a@x.example unsubscribe all',
      'b@x.example unsubscribe list:news.weekly',
      'c@x.example unsubscribe marketing',
    ],
  },
  {
    what: 'Postmark',
    lines: [
      'EmailAddress,SuppressionReason,Origin,CreatedAt',
      'a@x.example,HardBounce,Recipient,2019-12-17T08:58:33-05:00',
      'b@x.example,SpamComplaint,Recipient,x',
      'c@x.example,ManualSuppression,Recipient,x',
      'd@x.example,ManualSuppression,Customer,x',
    ],
    found: [
      'postmark',
      'a@x.example hard_bounce all',
      'b@x.example complaint all',
      'c@x.example unsubscribe all',
      'd@x.example manual all',
    ],
  },
  {
    what: 'Resend: contacts',
    lines: [
      'id,email,first_name,last_name,created_at,unsubscribed',
      '1,a@x.example,A,B,x,true',
      '2,b@x.example,A,B,x,false',
    ],
    found: ['resend', 'a@x.example unsubscribe marketing', 'skipped: it is subscribed'],
  },
  {
    what: 'Resend: suppressions',
    lines: [
      'email,origin,created_at',
      'a@x.example,bounce,x',
      'b@x.example,complaint,x',
      'c@x.example,manual,x',
    ],
    found: ['resend', 'a@x.example hard_bounce all', 'b@x.example complaint all', 'c@x.example manual all'],
  },
  {
    what: 'Amazon SES, with a head and, as it takes them itself, without one',
    lines: ['EmailAddress,Reason,LastUpdateTime', 'a@x.example,BOUNCE,x', 'b@x.example,COMPLAINT,x'],
    found: ['ses', 'a@x.example hard_bounce all', 'b@x.example complaint all'],
  },
  {
    what: 'no head: address and a word',
    lines: ['a@x.example,BOUNCE', 'b@x.example,COMPLAINT', 'c@x.example'],
    found: ['mailwok', 'a@x.example hard_bounce all', 'b@x.example complaint all', 'c@x.example import all'],
  },
  {
    what: 'one address a line, of a kind that somebody knows',
    wish: { kind: 'unsubscribes' },
    lines: ['a@x.example', 'b@x.example'],
    found: ['mailwok', 'a@x.example unsubscribe all', 'b@x.example unsubscribe all'],
  },
  {
    what: 'semicolons, quotes and our own columns',
    lines: ['Address;Scope;Reason', '"a@x.example";list:news;unsubscribe', "'=b@x.example;;manual"],
    found: ['mailwok', 'a@x.example unsubscribe list:news', '=b@x.example manual all'],
  },
]

for (const { what, wish, lines, found } of SHAPES) {
  test(what, async () => {
    expect(await read(lines, wish)).toEqual([...found])
  })
}

test('a row keeps what the other service said of it, whatever its length', async () => {
  const reader = new ListReader(NOTHING)
  reader.read(['email', 'created', 'reason'])
  const row = reader.read(['a@x.example', '1700000000', `no such user ${'x'.repeat(1000)}`])
  if (row === null || 'skip' in row) throw new Error('it was skipped')
  expect(row.draft.note?.slice(0, 56)).toBe('sendgrid, 2023-11-14T22:13:20.000Z: no such user xxxxxxx')
  expect(row.draft.note).toHaveLength(500)
})
