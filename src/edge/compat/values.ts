//
// Owns: reading values of a vendor's request whose type nobody has checked. What has another type is named. Pure.

import type { FieldFault } from '../../services/submission/refusal.ts'

export type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined

const want = (path: string, what: string, faults: FieldFault[]): void =>
  void faults.push({ path, code: 'invalid', message: `wants ${what}` })

export function objectAt(value: unknown, path: string, faults: FieldFault[]): Json {
  if (isObject(value)) return value
  if (!isAbsent(value)) want(path, 'an object', faults)
  return {}
}

export function listAt(value: unknown, path: string, faults: FieldFault[]): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (!isAbsent(value)) want(path, 'a list', faults)
  return []
}

export function textAt(value: unknown, path: string, faults: FieldFault[]): string | undefined {
  if (typeof value === 'string') return value
  if (!isAbsent(value)) want(path, 'a text', faults)
  return undefined
}

export function flagAt(value: unknown, path: string, faults: FieldFault[]): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (!isAbsent(value)) want(path, 'true or false', faults)
  return undefined
}

export function numberAt(value: unknown, path: string, faults: FieldFault[]): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (!isAbsent(value)) want(path, 'a number', faults)
  return undefined
}

/** Of an object, that which was said. */
export function said(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isAbsent(value)))
}

/** `Name <a@b>` of a name and an address. A name with anything but letters is a quoted string (RFC 5322 §3.2.4). */
export function mailbox(address: string, name: string | undefined): string {
  if (name === undefined || name === '') return address
  return `"${name.replace(/["\\]/g, '\\$&')}" <${address}>`
}
