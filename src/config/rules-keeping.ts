//
// Owns: what the keys of backups demand of each other.

import type { BrokenRule } from './broken-rule.ts'
import type { Config } from './schema.ts'

export function backupRules({ backup }: Config): readonly BrokenRule[] {
  if (backup.s3 === '') return []
  const missing = [
    backup.s3KeyId === '' ? 'backup.s3_key_id' : '',
    backup.s3Secret === '' ? 'backup.s3_secret' : '',
  ].filter((key) => key !== '')
  return missing.map((key) => ({
    key,
    say: `${key} is empty; backup.s3 wants an access key and its secret`,
  }))
}
