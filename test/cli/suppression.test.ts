//
// mailwok suppression, as a process on a store of its own.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandFolder } from '../support/command-folder.ts'

// Each command is a process of its own, on a machine that runs other suites as well.
setDefaultTimeout(60_000)

const { folder, run, json } = commandFolder('suppression-', { words: ['suppression'] })

test('an address is added, shown, listed and removed', async () => {
  await json('add', 'Anna@Example.COM', '--note', '=by phone', '--expires', '2099-01-01')
  expect(await json('show', 'anna@example.com')).toMatchObject([
    {
      address: 'anna@example.com',
      scope: 'all',
      reason: 'manual',
      note: '=by phone',
      expires_at: '2099-01-01T00:00:00.000Z',
    },
  ])
  expect((await json('list', '--reason', 'manual')).length).toBe(1)
  const { out } = await run('export')
  expect(out).toMatch(
    /^address,reason,scope,expires_at,note,created_at\r\nanna@example\.com,manual,all,2099-01-01T00:00:00\.000Z,'=by phone,/,
  )
  expect(JSON.parse((await run('export', '--format', 'json')).out).length).toBe(1)
  expect(await json('remove', 'ANNA@example.com')).toEqual({ removed: 1 })
  expect((await run('remove', 'anna@example.com')).code).toBe(1)
  expect((await run('show', 'anna@example.com')).err).toContain('there is no entry for "anna@example.com"')
})

test('what is wrong is told', async () => {
  const wrong = await run('add', 'anna')
  expect([wrong.code, wrong.err]).toEqual([
    2,
    'mailwok: address: "anna" has no domain; want local-part@domain\n',
  ])
  expect((await run('add', 'a@b.example', '--scope', 'everything')).err).toContain('none of all, marketing')
  expect((await run('add', 'a@b.example', '--expires', '2001-01-01')).err).toContain('is past')
  expect((await run('list', '--limit', 'x')).code).toBe(2)
})

test('a list is imported; faults are told by line, and a dry run changes nothing', async () => {
  const file = join(folder, 'list.csv')
  const rows = Array.from({ length: 2500 }, (_, at) => `user${at}@example.org,hard_bounce`)
  rows[1200] = 'nobody,hard_bounce'
  rows[1201] = '"Quoted@Example.org",complaint,marketing,,"said, so"'
  writeFileSync(file, `Email,Reason,Scope,Expires_At,Note,Whatever\n${rows.join('\n')}\n`)
  const dry = await run('import', file, '--dry-run')
  expect([dry.code, JSON.parse(dry.out)]).toEqual([3, { added: 2499, refused: 1, skipped: 0, dry_run: true }])
  expect(dry.err).toBe('line 1202: address: "nobody" has no domain; want local-part@domain\n')
  expect(await json('list', '--domain', 'example.org')).toEqual([])
  expect((await run('import', file)).code).toBe(3)
  expect((await json('list', '--domain', 'example.org', '--limit', '5000')).length).toBe(2499)
  expect(await json('show', 'quoted@example.org')).toMatchObject([
    { scope: 'marketing', reason: 'complaint', note: 'said, so' },
  ])
  const { out } = await run('export')
  const copy = join(folder, 'copy.csv')
  writeFileSync(copy, out)
  expect(await json('import', copy)).toEqual({ added: 2499, refused: 0, skipped: 0, dry_run: false })
  expect((await run('import', join(folder, 'nothing.csv'))).code).toBe(1)
})

test('lists of other services go in with reasons in their own words', async () => {
  const file = join(folder, 'others.csv')
  writeFileSync(
    file,
    [
      'status,Reason,EmailAddress,created',
      '5.1.1,550 5.1.1 no such user,gone@others.example,1',
      ',BOUNCE,bounced@others.example,2',
      ',SpamComplaint,spam@others.example,3',
      ',unsubscribed,off@others.example,4',
      ',hard_bounce,known@others.example,5',
    ].join('\n'),
  )
  expect(await json('import', file)).toEqual({ added: 5, refused: 0, skipped: 0, dry_run: false })
  const listed: readonly { address: string; reason: string; note: string }[] = await json(
    'list',
    '--domain',
    'others.example',
  )
  expect(listed.map(({ address, reason, note }) => [address.split('@')[0], reason, note])).toEqual([
    ['bounced', 'hard_bounce', 'BOUNCE'],
    ['gone', 'import', '550 5.1.1 no such user'],
    ['known', 'hard_bounce', ''],
    ['off', 'unsubscribe', 'unsubscribed'],
    ['spam', 'complaint', 'SpamComplaint'],
  ])
})

test('an address that lost a letter on its way is refused, and the rest goes in', async () => {
  const file = join(folder, 'latin1.csv')
  writeFileSync(file, Buffer.from('address\nren\xe9@latin.example\nanna@latin.example\n', 'latin1'))
  const { code, err } = await run('import', file)
  expect([code, err]).toEqual([
    3,
    'line 2: address: "ren\ufffd@latin.example" has a letter that is lost; save the list in UTF-8\n',
  ])
  expect((await json('list', '--domain', 'latin.example')).length).toBe(1)
})

test('a day that no calendar has is no time', async () => {
  for (const day of ['2099-02-30', '2099-02-29T10:00:00Z', '2099-13-01', '2099-01-01T24:30:00Z']) {
    expect((await run('add', 'a@b.example', '--expires', day)).err).toContain(`"${day}" is no time such as`)
  }
})

test('blocks of another service are no reason; what is left out is written down with why', async () => {
  const file = join(folder, 'suppression_blocks.csv')
  const errors = join(folder, 'left.csv')
  writeFileSync(
    file,
    'status,reason,email,created\r\n5.7.1,550 5.7.1 spam,ada@blocked.example,1700000000\r\n',
  )
  expect(await json('import', file, '--errors', errors)).toMatchObject({ added: 0, skipped: 1, refused: 0 })
  expect(readFileSync(errors, 'utf8')).toBe(
    'line,field,message,row\r\n2,row,"a block is about a message, not about its address",5.7.1,550 5.7.1 spam,ada@blocked.example,1700000000\r\n',
  )
  expect(await json('import', file, '--kind', 'bounces')).toMatchObject({ added: 1, skipped: 0 })
  expect(await json('show', 'ada@blocked.example')).toMatchObject([
    { reason: 'import', note: 'sendgrid, 2023-11-14T22:13:20.000Z: 5.7.1 550 5.7.1 spam' },
  ])
  const { code, err } = await run('import', file, '--from', 'sendmail')
  expect([code, err]).toEqual([2, expect.stringContaining('sendgrid, mailgun, postmark')])
})

test('an import that broke off goes on behind what is in', async () => {
  const file = join(folder, 'long.csv')
  const rows = Array.from({ length: 1500 }, (_, at) => `user${at}@long.example`)
  writeFileSync(file, rows.join('\n'))
  expect(await json('import', file, '--skip-rows', '1000')).toMatchObject({ added: 500 })
  expect((await json('list', '--domain', 'long.example', '--limit', '5000')).length).toBe(500)
  expect((await run('import', file, '--skip-rows', 'x')).code).toBe(2)
})
