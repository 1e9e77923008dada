//
// Owns: how a content becomes the bytes that the store keeps, with the SHA-256 by which a flipped bit is found.
// Reading them back is net/delivery/render.ts's.

import type { Content, StoredContent } from '../../core/content.ts'
import { bytesOfParts } from '../../core/content-bytes.ts'
import type { ContentId } from '../../core/ids.ts'

export function encodeContent(content: Content, id: ContentId): StoredContent {
  const bytes = content.kind === 'submitted' ? content.bytes : bytesOfParts(content.parts)
  return { id, kind: content.kind, bytes, sha256: new Uint8Array(Bun.SHA256.hash(bytes).buffer) }
}
