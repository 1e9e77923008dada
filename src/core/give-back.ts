//
// Owns: giving memory of large contents back soon, not when a collector finds the time. Pure but for that.

/** The collector is the better one with less. */
const WORTH_IT = 32 * 1024

/** The memory is free and the view empty. Only for who knows that nobody else reads it; a part of more is not given. */
export function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (byteLength < WORTH_IT || !(buffer instanceof ArrayBuffer)) return
  if (buffer.byteLength === byteLength) buffer.transfer(0)
}

/**
 * Text cannot be given back. The collector lets garbage grow with what is held, so that a few letters of 9 MB made
 * hundreds of it. This one runs beside the thread and keeps compiled code.
 */
export const collectSoon = (): void => Bun.gc(false)
