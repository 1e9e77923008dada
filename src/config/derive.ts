//
// Owns: defaults that follow from other keys or from the machine.

import type { Config } from './schema.ts'

export interface Machine {
  readonly hostname: string
  readonly cores: number
}

export function derive(config: Config, machine: Machine): Config {
  const { server, store, delivery } = config
  const hostname = (server.hostname || machine.hostname).toLowerCase()
  return {
    ...config,
    server: {
      ...server,
      hostname,
      secretFile: server.secretFile || `${server.dataDir}/secret`,
      publicUrl: server.publicUrl.replace(/\/+$/, '') || `https://${hostname}`,
    },
    store: { ...store, url: store.url || `sqlite:${server.dataDir}/mailwok.db` },
    backup: { ...config.backup, path: config.backup.path || `${server.dataDir}/backups` },
    delivery: {
      ...delivery,
      workers: delivery.workers || machine.cores,
      captureDir: delivery.captureDir || `${server.dataDir}/captured`,
    },
  }
}

/** A value that reached every room must not be changed by one of them. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) deepFreeze(inner)
  return value
}
