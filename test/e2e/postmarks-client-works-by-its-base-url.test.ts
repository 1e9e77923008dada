//
// Postmark's official client against /compat/postmark: send, batch, look-up, suppressions, and clear errors.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Errors, Models, ServerClient } from 'postmark'
import { type Lab, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'

let lab: Lab
let postmark: ServerClient
beforeAll(async () => {
  lab = await startLab()
  postmark = clientOf(LAB_KEY)
})
afterAll(() => lab[Symbol.asyncDispose]())

const clientOf = (token: string) =>
  new ServerClient(token, {
    requestHost: `127.0.0.1:${lab.port('api.http')}/compat/postmark`,
    useHttps: false,
  })

const LETTER = { From: 'shop@example.com', To: 'a@example.net', Subject: 'Hello', TextBody: 'It works' }

const errorOf = (call: Promise<unknown>): Promise<Errors.PostmarkError> =>
  lab.meanwhile(
    call.then(
      () => Promise.reject(new Error('it was taken')),
      (error: Errors.PostmarkError) => error,
    ),
  )

test('a message goes out with its fields, and is looked up', async () => {
  const sent = await postmark.sendEmail({
    ...LETTER,
    From: 'Shop <shop@example.com>',
    To: '"Ann, of a" <a@example.net>, b@example.net',
    Cc: 'c@example.net',
    Bcc: 'd@example.net',
    ReplyTo: 'desk@example.com',
    HtmlBody: '<p>It works</p><img src="cid:logo">',
    Tag: 'order',
    TrackOpens: false,
    TrackLinks: Models.LinkTrackingOptions.None,
    Headers: [{ Name: 'X-Order', Value: '17' }],
    Metadata: { order: '17' },
    MessageStream: 'outbound',
    Attachments: [
      { Name: 'terms.txt', Content: 'SGVsbG8=', ContentType: 'text/plain', ContentID: null },
      { Name: 'logo.png', Content: 'iVBORw==', ContentType: 'image/png', ContentID: 'cid:logo' },
    ],
  })
  expect(sent).toMatchObject({ ErrorCode: 0, Message: 'OK', Cc: 'c@example.net' })
  expect(sent.SubmittedAt).toMatch(/^\d{4}-\d\d-\d\dT/)
  const message = await lab.ended(sent.MessageID)
  expect(message).toMatchObject({ tags: ['order'], custom: { order: '17' } })
  const bytes = lab.mx.messages.map((one) => one.bytes.toString()).join('\n')
  expect(bytes).toContain('To: "Ann, of a" <a@example.net>, b@example.net')
  expect(bytes).toContain('Content-ID: <logo>')
  expect(bytes).not.toContain('Bcc')
  const details = await postmark.getOutboundMessageDetails(sent.MessageID)
  expect(details).toMatchObject({
    MessageID: sent.MessageID,
    Status: 'Sent',
    Tag: 'order',
    Subject: 'Hello',
    Metadata: { order: '17' },
    Recipients: ['a@example.net', 'b@example.net', 'c@example.net', 'd@example.net'],
    MessageEvents: expect.arrayContaining([
      expect.objectContaining({ Type: 'Delivered', Recipient: 'a@example.net' }),
    ]),
  })
  expect(details.Body).toContain('Subject: Hello')
  expect((await postmark.getOutboundMessageDump(sent.MessageID)).Body).toContain('X-Order: 17')
})

test('a batch says of each message what became of it', async () => {
  const told = await postmark.sendEmailBatch([
    { ...LETTER, To: 'b1@example.net' },
    { ...LETTER, To: 'nobody' },
    { ...LETTER, To: 'b2@example.net', TrackLinks: Models.LinkTrackingOptions.HtmlAndText },
    { ...LETTER, To: 'b3@example.net' },
  ])
  expect(told.map(({ ErrorCode }) => ErrorCode)).toEqual([0, 300, 300, 0])
  expect(told.map(({ To }) => To)).toEqual(['b1@example.net', undefined, undefined, 'b3@example.net'])
  expect(await lab.ended(told[3]?.MessageID ?? '')).toMatchObject({ to: ['b3@example.net'] })
})

test('the outbound search finds it by tag and recipient', async () => {
  const sent = await postmark.sendEmail({ ...LETTER, To: 'found@example.net', Tag: 'sought' })
  await lab.ended(sent.MessageID)
  const { Messages } = await postmark.getOutboundMessages({
    tag: 'sought',
    recipient: 'found@example.net',
    count: 5,
  })
  expect(Messages.map(({ MessageID }) => MessageID)).toEqual([sent.MessageID])
  expect((await postmark.getOutboundMessages({ tag: 'nobody' })).Messages).toEqual([])
  const refused = await errorOf(postmark.getOutboundMessages({ offset: 100 }))
  expect(refused.message).toMatch(/^offset .*after/)
})

test('suppressions are kept, and who is on the list is told as inactive', async () => {
  const EmailAddress = 'gone@example.net'
  const put = await postmark.createSuppressions('outbound', { Suppressions: [{ EmailAddress }] })
  expect(put.Suppressions).toMatchObject([{ EmailAddress, Status: 'Suppressed' }])
  const { Suppressions } = await postmark.getSuppressions('outbound')
  expect(Suppressions).toMatchObject([{ EmailAddress, SuppressionReason: 'ManualSuppression' }])
  const refused = await errorOf(postmark.sendEmail({ ...LETTER, To: EmailAddress }))
  expect(refused).toBeInstanceOf(Errors.InactiveRecipientsError)
  expect((refused as Errors.InactiveRecipientsError).recipients).toEqual([EmailAddress])
  await postmark.deleteSuppressions('outbound', { Suppressions: [{ EmailAddress }] })
  expect((await postmark.getSuppressions('outbound')).Suppressions).toEqual([])
})

test.each([
  [
    'an unknown token',
    () => clientOf('mwk_live_0000000000000000000000').sendEmail(LETTER),
    Errors.InvalidAPIKeyError,
    10,
  ],
  [
    'no recipient',
    () => postmark.sendEmail({ ...LETTER, To: 'nobody' }),
    Errors.InvalidEmailRequestError,
    300,
  ],
  [
    'a link tracking that is not done',
    () => postmark.sendEmail({ ...LETTER, TrackLinks: Models.LinkTrackingOptions.TextOnly }),
    Errors.InvalidEmailRequestError,
    300,
  ],
  [
    'another stream',
    () => postmark.sendEmail({ ...LETTER, MessageStream: 'weekly' }),
    Errors.InvalidEmailRequestError,
    300,
  ],
  [
    'a header that is ours',
    () => postmark.sendEmail({ ...LETTER, Headers: [{ Name: 'DKIM-Signature', Value: 'x' }] }),
    Errors.InvalidEmailRequestError,
    300,
  ],
  [
    'no such message',
    () => postmark.getOutboundMessageDetails('msg_000000000000'),
    Errors.PostmarkError,
    701,
  ],
  [
    'a number of a template',
    () => postmark.sendEmailWithTemplate({ ...PLAIN, TemplateId: 1, TemplateModel: {} }),
    Errors.InvalidEmailRequestError,
    300,
  ],
])('%s is said in the words of Postmark', async (_, call, kind, code) => {
  const error = await errorOf(call())
  expect(error).toBeInstanceOf(kind)
  expect(error.code).toBe(code)
})

const PLAIN = { From: LETTER.From, To: LETTER.To }
