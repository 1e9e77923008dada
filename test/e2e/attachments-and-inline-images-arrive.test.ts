import { expect, test } from 'bun:test'
import { simpleParser } from 'mailparser'
import { startLab } from '../support/appliance.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const PDF = Buffer.from([...Array(3000).keys()].map((each) => each % 256))

test('an attachment and an inline image arrive with their bytes and names', async () => {
  await using lab = await startLab()
  const id = await lab.sent({
    html: '<p>Look: <img src="cid:logo"></p>',
    attachments: [
      { filename: 'Rechnung März.pdf', content: PDF.toString('base64'), content_type: 'application/pdf' },
      {
        filename: 'logo.png',
        content: PNG.toString('base64'),
        content_type: 'image/png',
        content_id: 'logo',
      },
    ],
  })
  await lab.ended(id)
  const bytes = lab.mx.messages[0]?.bytes ?? Buffer.alloc(0)
  const parsed = await simpleParser(bytes, { keepCidLinks: true })
  const found = parsed.attachments.map(({ filename, contentType, cid, content, related }) => ({
    filename,
    contentType,
    cid,
    related: related === true,
    same: content.equals(filename === 'logo.png' ? PNG : PDF),
  }))
  expect(found.toSorted((a, b) => String(a.filename).localeCompare(String(b.filename)))).toEqual([
    { filename: 'logo.png', contentType: 'image/png', cid: 'logo', related: true, same: true },
    {
      filename: 'Rechnung März.pdf',
      contentType: 'application/pdf',
      cid: undefined,
      related: false,
      same: true,
    },
  ])
  expect(parsed.html).toContain('cid:logo')
  expect(parsed.text).toContain('Look:')
  expect((await lab.dkim(bytes)).map((each) => each.result)).toEqual(['pass', 'pass'])
})

test('an attachment that is no base64 is a 422 that names it, and nothing leaves', async () => {
  await using lab = await startLab()
  const { status, body } = await lab.send({ attachments: [{ filename: 'a.txt', content: 'not base64!' }] })
  expect(status).toBe(422)
  expect(body.error.fields[0]?.path).toBe('attachments[0].content')
  expect(lab.mx.messages).toEqual([])
})
