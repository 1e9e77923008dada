//
// Owns: a worker thread that signs with the accelerator and sends the signatures back.

import { type PrivateKeyText, prepareKey } from '../../src/mail/dkim/key.ts'
import { openLibcrypto } from '../../src/mail/dkim/libcrypto.ts'

declare const self: Worker

self.onmessage = (event: MessageEvent<{ key: PrivateKeyText; times: number }>) => {
  const library = openLibcrypto(null)
  const key = prepareKey(event.data.key, library.ok ? library.value : null)
  const signatures = Array.from({ length: event.data.times }, (_, at) =>
    key.sign(Buffer.alloc(at, at)).toString('hex'),
  )
  self.postMessage({ engine: key.engine, signatures })
}
