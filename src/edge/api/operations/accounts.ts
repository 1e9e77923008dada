//
// Owns: what the routes of /v1/account and /v1/accounts say of themselves.

import { operation } from '../operation.ts'
import {
  AccountAnswer,
  AccountPath,
  Accounts,
  AccountsQuery,
  Condemned,
  OwnAccount,
  RemoveQuery,
} from '../schema/accounts.ts'
import { MadeKey } from '../schema/keys.ts'

const OPERATOR = 'For keys with the scope `operator`.'
const of = { params: AccountPath, problems: ['not_found', 'live_key_required', 'default_account'] } as const
const answer = { 200: { description: 'The account as it is now.', schema: AccountAnswer } } as const

export const GET_OWN = operation({
  summary: 'Get the account',
  description:
    'That of the key: its plan, what it has sent this day and month, how its sending stands, its settings.',
  answers: { 200: { description: 'The account.', schema: OwnAccount } },
})
export const CHANGE_OWN = operation({
  summary: 'Change the settings of the account',
  description: '`contact` hears when 80 and 100 % of a quota are sent. What is not named stays as it is.',
  problems: ['live_key_required'],
  bodyExample: { time_zone: 'Europe/Paris', contact: 'ops@shop.example' },
  answers: { 200: { description: 'The account as it is now.', schema: OwnAccount } },
})
export const LIST_ACCOUNTS = operation({
  summary: 'List accounts',
  description: `${OPERATOR} The newest first.`,
  query: AccountsQuery,
  answers: { 200: { description: 'A page of accounts.', schema: Accounts } },
})
export const MAKE_ACCOUNT = operation({
  summary: 'Make an account',
  description: `${OPERATOR} It sees nothing of any other account. Its first key comes from \`POST /v1/accounts/{id}/keys\`.`,
  bodyExample: { name: 'shop', plan: 'starter' },
  problems: ['live_key_required', 'name_taken'],
  answers: { 200: { description: 'The account.', schema: AccountAnswer } },
})
export const GET_ACCOUNT = operation({
  summary: 'Get an account',
  description: OPERATOR,
  params: AccountPath,
  problems: ['not_found'],
  answers: { 200: { description: 'The account.', schema: AccountAnswer } },
})
export const CHANGE_ACCOUNT = operation({
  summary: 'Change the name or the plan of an account',
  description: OPERATOR,
  ...of,
  problems: [...of.problems, 'name_taken'],
  bodyExample: { plan: 'standard' },
  answers: answer,
})
export const SUSPEND_ACCOUNT = operation({
  summary: 'Suspend an account',
  description: `${OPERATOR} It accepts no mail (403 \`account_suspended\`), and what it has queued waits. It may still read.`,
  ...of,
  bodyExample: { reason: 'Invoice 17 is open.' },
  answers: answer,
})
export const RESUME_ACCOUNT = operation({
  summary: 'Resume an account',
  description: `${OPERATOR} What waited goes out at once.`,
  ...of,
  answers: answer,
})
export const REMOVE_ACCOUNT = operation({
  summary: 'Delete an account',
  description: `${OPERATOR} With everything: keys, domains, mail, events, webhooks, templates, people's access. Its keys open nothing from this answer on, the rest is taken away bit by bit; until then it is in the list as \`deleting\`. Nothing brings it back.`,
  ...of,
  query: RemoveQuery,
  answers: { 200: { description: 'It is on its way out.', schema: Condemned } },
})
export const MAKE_ACCOUNT_KEY = operation({
  summary: 'Make a key of an account',
  description: `${OPERATOR} What is not said is as for a new key: all of its account.`,
  ...of,
  bodyExample: { name: 'first key' },
  answers: { 200: { description: 'The key, with its secret.', schema: MadeKey } },
})
