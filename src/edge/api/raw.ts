//
// Owns: from a request with a whole message to what the door takes: its octets and its envelope. Pure.
// Never: reads the message (services/submission/raw.ts), or changes it but for line ends that are none in mail.

import type { ForwardPath, NamedMailbox, ReversePath } from '../../core/address.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { asBuffer } from '../../mail/mime/scan.ts'
import { base64Of } from '../../services/submission/compose-attachments.ts'
import type { FieldFault } from '../../services/submission/refusal.ts'
import type { Problem } from './problem.ts'
import { readQuery } from './read-query.ts'
import { RawBody, RawQuery, rawCheck } from './schema/raw.ts'
import { invalid, one, several, unique } from './send.ts'
import { validationProblem } from './validation.ts'

export interface Raw {
  readonly reversePath: ReversePath
  readonly forwardPaths: readonly ForwardPath[]
  readonly bytes: Buffer
}

/** `body`: octets where the message is the body itself, else JSON. */
export function readRawRequest(request: Request, body: unknown): Result<Raw, Problem> {
  const query = readQuery(request, RawQuery)
  if (!query.ok) return query
  const { from, to } = query.value
  if (body instanceof Uint8Array) return enveloped(asBuffer(body), { from, to })
  if (from !== undefined || to !== undefined) {
    const path = from === undefined ? 'to' : 'from'
    const message = 'stands in the query; beside JSON the envelope belongs into the body'
    return fault(invalid([{ path, code: 'conflict', message }]))
  }
  const check = rawCheck()
  if (!check.Check(body)) return fault(validationProblem(check.Errors(body), RawBody))
  const base64 = base64Of(body.raw)
  if (base64 === null) {
    const message = 'is no base64 (RFC 4648 section 4)'
    return fault(invalid([{ path: 'raw', code: 'bad_base64', message }]))
  }
  return enveloped(Buffer.from(base64, 'base64'), body)
}

interface Envelope {
  readonly from: string | undefined
  readonly to: string | readonly string[] | undefined
}

function enveloped(bytes: Buffer, { from, to }: Envelope): Result<Raw, Problem> {
  const faults: FieldFault[] = []
  if (from === undefined) faults.push({ path: 'from', code: 'required', message: 'is required' })
  if (to === undefined) faults.push({ path: 'to', code: 'required', message: 'is required' })
  const sender: NamedMailbox | null = from === undefined ? null : one(from, 'from', faults)
  const recipients = several(to, 'to', faults)
  if (faults.length > 0 || sender === null) return fault(invalid(faults))
  return ok({ reversePath: sender.mailbox, forwardPaths: unique(recipients), bytes: asMail(bytes) })
}

const CR = 13

/** A file that has the line ends of its system throughout is a message; a mixture is refused at the door (RFC 5322 §2.3). */
const asMail = (bytes: Buffer): Buffer =>
  bytes.includes(CR) ? bytes : Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1')
