//
// Owns: becoming the owner of the data before touching it: what root writes there, the service could not open again.

import { statSync } from 'node:fs'

/** Does nothing unless this is root and the folder belongs to somebody else. There is no way back: it is for one command. */
export function becomeOwnerOf(folder: string): void {
  if (process.getuid?.() !== 0) return
  const owner = statSync(folder, { throwIfNoEntry: false })
  if (!owner || owner.uid === 0) return
  process.setgroups?.([owner.gid])
  process.setgid?.(owner.gid)
  process.setuid?.(owner.uid)
}
