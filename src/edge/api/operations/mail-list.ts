//
// Owns: what GET /v1/email says of itself.

import { t } from 'elysia'
import { MAX_PAGE, SEARCH_STATES } from '../../../services/search/ask.ts'
import { MAX_FOUND_RECIPIENTS } from '../../../store/search-store.ts'
import { operation } from '../operation.ts'
import { limitParameter } from '../read-query.ts'
import { instant, listOf, nullable, whole, words } from '../schema/answers.ts'
import { messageId, state } from '../schema/message-answers.ts'

const text = (description: string, example: string) =>
  t.Optional(t.String({ minLength: 1, maxLength: 1000, description, examples: [example] }))
const mark = (description: string) =>
  t.Optional(t.String({ pattern: '^msg_[0-9a-z]{12}$', description, examples: ['msg_mwsuuzu20001'] }))
const time = (description: string) =>
  t.Optional(t.String({ description, examples: ['2027-01-15T10:30:00Z', '2027-01-15'] }))

export const MailQuery = t.Object({
  recipient: text('an address, or @ and a domain: one of its recipients', 'ada@example.net'),
  from: text('an address, or @ and a domain: its author', 'shop@example.com'),
  subject: text('words that all stand in its subject, in any order', 'order shipped'),
  tag: text('one of its tags', 'welcome'),
  campaign: text('its campaign', 'summer'),
  stream: t.Optional(words(['transactional', 'marketing'])),
  test: t.Optional(t.Boolean({ description: 'Whether a test key sent it; all mail, when it is not given.' })),
  status: t.Optional(
    t.Array(words(SEARCH_STATES), {
      description:
        'Some recipient’s, separated by commas. `deferred` was tried and waits, `scheduled` waits for its time; `queued` is both, and what is new.',
    }),
  ),
  since: time('Accepted at this time or later.'),
  until: time('Accepted before this time.'),
  after: mark('Older than this message: the last of the page before, or its `searched_to`.'),
  before: mark('Newer than this message: the first of the page behind, or its `searched_to`.'),
  limit: limitParameter({ usual: 50, most: MAX_PAGE }),
})

const Found = t.Object(
  {
    message_id: messageId,
    status: state,
    created_at: instant(),
    scheduled_at: nullable(instant('When it is to leave.')),
    from: t.String(),
    subject: t.String(),
    stream: words(['transactional', 'marketing']),
    tags: t.Array(t.String()),
    campaign: nullable(t.String()),
    test: t.Boolean(),
    recipients: t.Array(t.Object({ recipient: t.String(), status: state }), {
      description: `Those that were asked for, at most ${MAX_FOUND_RECIPIENTS}.`,
    }),
    counts: t.Record(t.String(), whole({ minimum: 1 }), {
      description: 'How many of all recipients are in which state.',
      examples: [{ delivered: 2 }],
    }),
  },
  { title: 'FoundMessage' },
)

export const LIST_MAIL = operation({
  summary: 'List and search mail',
  description:
    'The newest first. A search through much mail ends after a moment and says in `searched_to` how far it came: with that as `after` it goes on.',
  query: MailQuery,
  answers: {
    200: {
      description: 'A page of mail; it may be empty though more follows.',
      schema: listOf(Found, {
        searched_to: nullable(messageId, {
          description: 'Where the search stopped for want of time; null: it did not.',
        }),
      }),
    },
  },
  problems: ['storage_busy'],
})
