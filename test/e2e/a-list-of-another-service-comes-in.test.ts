import { expect, test } from 'bun:test'
import { AUTHORIZED, type Lab, must, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'

test('the export of another service is put, and holds at once', async () => {
  await using lab = await startLab()
  const list =
    'EmailAddress,SuppressionReason,Origin,CreatedAt\r\na@example.net,HardBounce,Recipient,x\r\nno address,SpamComplaint,Recipient,x\r\n'
  const { status, body } = await bring(lab, list)
  expect([status, body]).toEqual([
    200,
    {
      success: true,
      from: 'postmark',
      rows: 2,
      added: 1,
      skipped: 0,
      refused: 1,
      dry_run: false,
      failed: [{ line: 3, field: 'address', message: expect.stringContaining('"no address"') }],
    },
  ])
  expect(story(await lab.ended(await lab.sent({ to: 'a@example.net' })))).toEqual(['suppressed'])
})

test('a dry run and a test key put nothing', async () => {
  await using lab = await startLab()
  const key = must(await lab.admin.keyCreate({ account: 'default', name: 'x', mode: 'test' })).key
  const dry = await bring(lab, 'a@example.net\n', '?dry_run=true')
  const played = await bring(lab, 'a@example.net\n', '', { authorization: `Bearer ${key}` })
  for (const { body } of [dry, played]) expect(body).toMatchObject({ added: 1, dry_run: true })
  expect((await lab.ended(await lab.sent({ to: 'a@example.net' }))).status).toBe('delivered')
})

test('fifty thousand rows come in piece by piece, and the same again changes nothing', async () => {
  await using lab = await startLab()
  const rows = Array.from({ length: 50_000 }, (_, at) => `user${at}@list.example,bounce`)
  const list = ['address,reason', ...rows].join('\n')
  for (let twice = 0; twice < 2; twice++) {
    expect((await bring(lab, list)).body).toMatchObject({ rows: 50_000, added: 50_000, refused: 0 })
  }
  const last = await (
    await lab.fetch('/v1/suppressions/user49999@list.example', { headers: AUTHORIZED })
  ).json()
  expect(last).toMatchObject({ success: true })
})

test('what is no list is told, and what came before is in', async () => {
  await using lab = await startLab()
  const json = await bring(lab, '{}', '', { 'content-type': 'application/json' })
  expect([json.status, json.body.error.code]).toEqual([415, 'unsupported_media_type'])
  const query = await bring(lab, '', '?from=hotmail')
  expect([query.status, query.body.error.fields[0]?.path]).toEqual([422, 'from'])
  const open = await bring(lab, `a@example.net\n"b@example.net\n${'c@example.net\n'.repeat(10)}`)
  expect([open.status, open.body.error.code]).toEqual([400, 'malformed_csv'])
  const picture = await bring(lab, '\u0001\u0002')
  expect([picture.status, picture.body.error.code]).toEqual([400, 'malformed_csv'])
  expect((await bring(lab, '')).body).toMatchObject({ rows: 0, added: 0 })
  expect((await bring(lab, 'address\n')).body).toMatchObject({ rows: 0, added: 0 })
})

async function bring(lab: Lab, list: string, query = '', headers: Readonly<Record<string, string>> = {}) {
  const answer = await lab.fetch(`/v1/suppressions/import${query}`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv', ...AUTHORIZED, ...headers },
    body: list,
  })
  return { status: answer.status, body: JSON.parse(await answer.text()) }
}
