//
// Owns: an S3-compatible store on a socket: path-style buckets in memory, with signatures (AWS Signature Version 4) checked
// as the real ones do, uploads in parts, and lists by pages.

import { createHash, createHmac } from 'node:crypto'

export interface FakeS3 {
  /** http://127.0.0.1:PORT */
  readonly url: string
  readonly keyId: string
  readonly secret: string
  /** By `bucket/key`. */
  readonly objects: Map<string, Buffer>
  /** Requests that were refused, and why. */
  readonly refused: string[]
  /** Every request is answered so while it is a number. */
  failing: number | null
  stop(): Promise<void>
}

/** Small, so that every list has pages. */
const PAGE = 3

export function startS3(): FakeS3 {
  const keyId = 'AKTEST'
  const secret = 'a-secret-of-the-lab'
  const objects = new Map<string, Buffer>()
  const refused: string[] = []
  const uploads = new Map<string, Buffer[]>()
  const listener = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    maxRequestBodySize: 1e9,
    fetch: async (call) => {
      const body = Buffer.from(await call.arrayBuffer())
      if (s3.failing !== null) return xml(`<Error><Code>SlowDown</Code></Error>`, s3.failing)
      const wrong = signatureFault(call, body, { keyId, secret })
      if (wrong !== null) {
        refused.push(`${call.method} ${call.url}: ${wrong}`)
        return xml('<Error><Code>SignatureDoesNotMatch</Code></Error>', 403)
      }
      return answer(call, body, { objects, uploads })
    },
  })
  const s3: FakeS3 = {
    url: `http://127.0.0.1:${listener.port}`,
    keyId,
    secret,
    objects,
    refused,
    failing: null,
    stop: () => listener.stop(true),
  }
  return s3
}

interface Kept {
  readonly objects: Map<string, Buffer>
  readonly uploads: Map<string, Buffer[]>
}

function answer(call: Request, body: Buffer, { objects, uploads }: Kept): Response {
  const url = new URL(call.url)
  const key = decodeURIComponent(url.pathname.slice(1))
  const query = url.searchParams
  const upload = query.get('uploadId')
  if (call.method === 'GET' && query.has('list-type')) return listed(key.replace(/\/$/, ''), query, objects)
  if (call.method === 'POST' && query.has('uploads')) {
    const id = `u${uploads.size}`
    uploads.set(id, [])
    return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
  }
  if (call.method === 'PUT' && upload !== null) {
    const parts = uploads.get(upload) ?? []
    parts[Number(query.get('partNumber')) - 1] = body
    return new Response(null, { headers: { etag: `"${upload}-${query.get('partNumber')}"` } })
  }
  if (call.method === 'POST' && upload !== null) {
    objects.set(key, Buffer.concat(uploads.get(upload) ?? []))
    return xml('<CompleteMultipartUploadResult><ETag>"x"</ETag></CompleteMultipartUploadResult>')
  }
  if (call.method === 'PUT') {
    objects.set(key, body)
    return new Response(null, { headers: { etag: '"x"' } })
  }
  if (call.method === 'DELETE') {
    objects.delete(key)
    return new Response(null, { status: 204 })
  }
  const found = objects.get(key)
  if (found === undefined) return xml('<Error><Code>NoSuchKey</Code></Error>', 404)
  return new Response(new Uint8Array(found), {
    headers: { etag: '"x"', 'last-modified': new Date(0).toUTCString() },
  })
}

function listed(bucket: string, query: URLSearchParams, objects: Kept['objects']): Response {
  const prefix = query.get('prefix') ?? ''
  const after = query.get('continuation-token') ?? ''
  const keys = [...objects.keys()]
    .filter((key) => key.startsWith(`${bucket}/${prefix}`))
    .map((key) => key.slice(bucket.length + 1))
    .filter((key) => key > after)
    .sort()
  const page = keys.slice(0, PAGE)
  const more = keys.length > PAGE
  const rows = page.map(
    (key) =>
      `<Contents><Key>${key}</Key><Size>${objects.get(`${bucket}/${key}`)?.length ?? 0}</Size></Contents>`,
  )
  const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
  return xml(
    `<ListBucketResult><Name>${bucket}</Name><Prefix>${prefix}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${PAGE}</MaxKeys><IsTruncated>${more}</IsTruncated>${next}${rows.join('')}</ListBucketResult>`,
  )
}

/** Null when the request was signed with our secret (Signature Version 4, in the header). */
function signatureFault(
  call: Request,
  body: Buffer,
  { keyId, secret }: { readonly keyId: string; readonly secret: string },
): string | null {
  const header = call.headers.get('authorization') ?? ''
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      header,
    )
  if (!match) return `no signature: ${header}`
  const [, id, day = '', region = '', signed = '', signature] = match
  if (id !== keyId) return `key ${id}`
  const hash = call.headers.get('x-amz-content-sha256') ?? ''
  if (hash !== 'UNSIGNED-PAYLOAD' && hash !== sha(body)) return 'the body is another'
  const url = new URL(call.url)
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&')
  const headers = signed.split(';').map((name) => `${name}:${(call.headers.get(name) ?? '').trim()}\n`)
  const canonical = [call.method, url.pathname, query, headers.join(''), signed, hash].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = [
    'AWS4-HMAC-SHA256',
    call.headers.get('x-amz-date') ?? '',
    scope,
    sha(Buffer.from(canonical)),
  ].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer>(
    (last, part) => hmac(last, part),
    Buffer.from(`AWS4${secret}`),
  )
  return hmac(key, text).toString('hex') === signature ? null : 'the signature differs'
}

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
const xml = (text: string, status = 200): Response =>
  new Response(`<?xml version="1.0" encoding="UTF-8"?>${text}`, {
    status,
    headers: { 'content-type': 'application/xml' },
  })
