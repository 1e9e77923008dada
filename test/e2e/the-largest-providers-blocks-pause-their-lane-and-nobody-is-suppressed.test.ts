//
// Blocks in the words of Google, Microsoft and Yahoo: the lane is paused and probed and goes on alone, no address gets on
// the suppression list, and who asks is sent to the provider's own page. Mail of other providers never notices.

import { expect, test } from 'bun:test'
import { MINUTE } from '../../src/core/time.ts'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import { type Behaviour, type Moment, startMx } from '../support/mx.ts'
import { until } from '../support/until.ts'

const OURS = '198.51.100.7'
const THEIRS = '127.0.0.31'

interface Provider {
  readonly name: string
  readonly exchange: string
  readonly moment: Moment
  readonly says: Behaviour
  /** Of the first refusals: an end, or put off. */
  readonly becomes: 'bounced' | 'deferred'
  readonly page: string
}

const PROVIDERS: readonly Provider[] = [
  {
    name: 'google',
    exchange: 'gmail-smtp-in.l.google.com',
    moment: 'BODY',
    says: `550 5.7.1 [${OURS}] Our system has detected an unusual rate of unsolicited mail originating\n550 5.7.1 from your IP address. To protect our users from spam, mail sent\n550 5.7.1 from your IP address has been blocked. For more information, go to\n550 5.7.1  https://support.google.com/mail/?p=UnsolicitedIPError - gsmtp`,
    becomes: 'bounced',
    page: 'https://postmaster.google.com/',
  },
  {
    name: 'outlook',
    exchange: 'hotmail-com.olc.protection.outlook.com',
    moment: 'MAIL',
    says: `550 5.7.1 Unfortunately, messages from [${OURS}] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150). You can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors.`,
    becomes: 'bounced',
    page: 'https://olcsupport.office.com/',
  },
  {
    name: 'microsoft365',
    exchange: 'contoso-com.mail.protection.outlook.com',
    moment: 'RCPT',
    says: `550 5.7.606 Access denied, banned sending IP [${OURS}]. To request removal from this list please visit https://sender.office.com/ and follow the directions. (AS16012609)`,
    becomes: 'bounced',
    page: 'https://sender.office.com/',
  },
  {
    name: 'yahoo',
    exchange: 'mta7.am0.yahoodns.net',
    moment: 'CONNECT',
    says: {
      reply: `553 5.7.1 [BL21] Connections will not be accepted from ${OURS}, because the ip is in Spamhaus's list; see https://postmaster.yahooinc.com/error-codes`,
      drop: true,
    },
    becomes: 'deferred',
    page: 'https://check.spamhaus.org/',
  },
]

test.each(PROVIDERS)(
  'a block by $name',
  async ({ name, exchange, moment, says, becomes, page }) => {
    let blocks = true
    await using lab = await startLab({
      dns: { 'big.test': { MX: [[10, exchange]], ttl: 3600 }, [exchange]: { A: [THEIRS], ttl: 3600 } },
    })
    const provider = await startMx({
      host: THEIRS,
      port: lab.mx.port,
      at: (at) => (at === moment && blocks ? says : undefined),
    })
    const lane = async () => must(await lab.admin.queueLanes({ provider: name }))[0]
    const refused: string[] = []
    for (let i = 0; (await lane())?.state !== 'paused'; i++) {
      expect(i).toBeLessThan(5)
      const id = await lab.sent({ to: `first${i}@big.test` })
      refused.push(id)
      await lab.tried(id, 1)
    }
    for (const id of refused) expect(story(await lab.message(id))).toEqual(['queued', becomes])

    const waiting = await Promise.all(
      Array.from({ length: 10 }, (_, i) => lab.sent({ to: `later${i}@big.test` })),
    )
    expect(story(await lab.ended(await lab.sent()))).toEqual(['queued', 'delivered'])
    const asked = provider.connections
    await lab.advance(4 * MINUTE)
    expect(provider.connections).toBe(asked)

    await explained(lab, refused[0] ?? '', page)
    expect((await lab.message(waiting[0] ?? '')).deliveries[0]?.attempts).toEqual([])
    const [why] = must(await lab.admin.messageExplain({ id: waiting[0] ?? '' })).recipients
    expect(why?.what_happens_next).toContain(`Sending to ${name} is paused until`)
    expect(must(await lab.admin.suppressionList(EVERYTHING)).entries).toEqual([])

    // It is lifted while nobody looks.
    blocks = false
    await lab.advance(3 * MINUTE)
    await until('the lane goes on', async () => (await lane())?.paused_until === null)
    for (const id of waiting)
      expect(story(await lab.meanwhile(lab.ended(id)))).toEqual(['queued', 'delivered'])
    await provider.close()
  },
  20_000,
)

async function explained(lab: Lab, id: string, page: string): Promise<void> {
  const [told] = must(await lab.admin.messageExplain({ id })).recipients
  expect(told?.at_fault?.blame).toBe('reputation')
  expect(told?.what_happened).toContain(OURS)
  expect(told?.what_to_do).toContain(page)
}

const EVERYTHING = {
  account: 'default',
  limit: 10,
  after: null,
  reason: null,
  scope: null,
  domain: null,
  include_expired: true,
}
