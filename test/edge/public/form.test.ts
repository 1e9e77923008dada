import { expect, test } from 'bun:test'
import { readForm } from '../../../src/edge/public/form.ts'

const PAIR = 'List-Unsubscribe=One-Click'
const URL_ENCODED = 'application/x-www-form-urlencoded'

const posted = (body: ConstructorParameters<typeof Response>[0], type?: string): Request =>
  new Request('http://a.example/u/x', {
    method: 'POST',
    body,
    ...(type === undefined ? {} : { headers: { 'content-type': type } }),
  })

const part = (name: string, value: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`

test.each([
  ['as RFC 8058 has it', PAIR, URL_ENCODED],
  ['with a charset', PAIR, `${URL_ENCODED}; charset=utf-8`],
  ['in capitals', PAIR, URL_ENCODED.toUpperCase()],
  ['with a line end', `${PAIR}\r\n`, URL_ENCODED],
  ['multipart', `${part('List-Unsubscribe', 'One-Click')}--b--\r\n`, 'multipart/form-data; boundary=b'],
  [
    'multipart, quoted',
    `${part('List-Unsubscribe', 'One-Click')}--b--\r\n`,
    'Multipart/Form-Data; boundary="b"',
  ],
])('%s', async (_, body, type) => {
  const form = await readForm(posted(body, type))
  expect(form.ok && [...form.value]).toEqual([['List-Unsubscribe', 'One-Click']])
})

test('bytes without a type are a form', async () => {
  const form = await readForm(posted(Buffer.from(PAIR)))
  expect(form.ok && form.value.get('List-Unsubscribe')).toBe('One-Click')
})

test('files are no fields', async () => {
  const body = new FormData()
  body.set('List-Unsubscribe', new File(['One-Click'], 'a.txt'))
  const form = await readForm(posted(body))
  expect(form.ok && form.value.size).toBe(0)
})

test.each([
  ['wrong-type', PAIR, 'text/plain'],
  ['wrong-type', `{"List-Unsubscribe": "One-Click"}`, 'application/json'],
  ['unreadable', PAIR, 'multipart/form-data; boundary=b'],
  ['unreadable', PAIR, 'multipart/form-data'],
  ['too-large', `${PAIR}&x=${'x'.repeat(5000)}`, URL_ENCODED],
] as const)('%s', async (error, body, type) => {
  expect(await readForm(posted(body, type))).toEqual({ ok: false, error })
})

test('a body without an end is left at the limit', async () => {
  let given = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      given += 1000
      controller.enqueue(Buffer.alloc(1000, 'a'))
    },
  })
  const form = await readForm(posted(endless, URL_ENCODED))
  expect(form).toEqual({ ok: false, error: 'too-large' })
  expect(given).toBeLessThan(20_000)
})

test('a body that breaks off is no form, and no fault of ours', async () => {
  const broken = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.from('List-'))
      controller.error(new DOMException('', 'AbortError'))
    },
  })
  expect(await readForm(posted(broken, URL_ENCODED))).toEqual({ ok: false, error: 'unreadable' })
})
