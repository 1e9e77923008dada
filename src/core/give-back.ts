//
// Owns: giving memory of large contents back at once, not when a collector finds the time. Pure but for that.

/** The collector is the better one with less. */
const WORTH_IT = 32 * 1024

/** The memory is free and the view empty. Only for who knows that nobody else reads it; a part of more is not given. */
export function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (byteLength < WORTH_IT || !(buffer instanceof ArrayBuffer)) return
  if (buffer.byteLength === byteLength) buffer.transfer(0)
}
