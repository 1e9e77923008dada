//
// Owns: the bodies, queries and answers of /v1/account and /v1/accounts as schemas.

import { t } from 'elysia'
import { limitParameter } from '../read-query.ts'
import { done, instant, listOf, nullable, single, whole, words } from './answers.ts'
import { ListMarks, NewKeyBody } from './keys.ts'

const strict = { additionalProperties: false } as const
const STATES = ['active', 'suspended', 'deleting'] as const

const name = t.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
  description: '1 to 63 letters, digits, ".", "_" or "-", the first a letter or digit',
})
const plan = t.String({ minLength: 1, maxLength: 63, description: 'the name of a plan' })

export const NewAccountBody = t.Object({ name, plan: t.Optional(plan) }, strict)
export const ChangeAccountBody = t.Object({ name: t.Optional(name), plan: t.Optional(plan) }, strict)
export const SuspendBody = t.Object(
  {
    reason: t.String({
      pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]{1,200}$',
      description: 'one line of 1 to 200 characters',
    }),
  },
  strict,
)
export const SettingsBody = t.Object(
  {
    time_zone: t.Optional(
      t.String({ maxLength: 60, description: 'the name of a time zone such as "Europe/Paris"' }),
    ),
    contact: t.Optional(
      t.Union([t.String({ maxLength: 254 }), t.Null()], {
        description: 'an address such as "ops@shop.example", or null for nobody',
      }),
    ),
  },
  strict,
)
export const AccountKeyBody = NewKeyBody

export const AccountPath = t.Object({
  id: t.String({ description: 'The id of an account, or its name.', examples: ['acc_mwsuuzu20001'] }),
})
export const AccountsQuery = t.Object(
  {
    limit: limitParameter({ usual: 100, most: 1000 }),
    ...ListMarks,
    state: t.Optional(words(STATES)),
  },
  strict,
)
export const RemoveQuery = t.Object(
  {
    confirm: t.String({
      maxLength: 63,
      description: 'the name of the account, against a slip',
      examples: [],
    }),
  },
  strict,
)

const line = {
  id: t.String({ examples: ['acc_mwsuuzu20001'] }),
  name: t.String({ examples: ['shop'] }),
  plan: t.String({ examples: ['starter'] }),
  state: words(STATES),
  reason: t.String({ description: 'Why it is suspended; empty else.' }),
  since: instant('Since when it is in this state.'),
  created_at: instant(),
}
const limit = (what: string) => nullable(t.Number(), { description: `${what} Null: without limit.` })
const use = (what: string) =>
  t.Object(
    {
      mails: whole({ description: 'Counted by recipient; those of test keys are not.' }),
      limit: nullable(whole()),
      left: nullable(whole()),
      renews_at: instant(),
    },
    { description: what },
  )
const Account = t.Object(
  {
    ...line,
    limits: t.Object({
      api_per_second: limit('Requests.'),
      mail_per_second: limit('Mails.'),
      mail_per_day: limit('Mails in a day of UTC.'),
      mail_per_month: limit('Mails in a calendar month of UTC.'),
      max_domains: limit('Sending domains.'),
    }),
    usage: t.Object({
      day: use('Counted where the plan limits the day.'),
      month: use('This calendar month of UTC.'),
    }),
    settings: t.Object({ time_zone: t.String(), contact: nullable(t.String()) }),
  },
  { title: 'Account' },
)
const Sending = t.Object({
  kind: words(['account', 'domain', 'stream']),
  name: t.String(),
  state: words(['warned', 'paused', 'resumed']),
  reason: t.String(),
  since: instant(),
})

export const OwnAccount = single('account', Account, {
  sending: t.Array(Sending, { description: 'Whose marketing mail is warned of or paused for feedback.' }),
})
export const AccountAnswer = single('account', Account)
const Line = t.Object(line, { title: 'AccountLine' })
export const Accounts = listOf(Line)
export const Condemned = done({ account: Line })
