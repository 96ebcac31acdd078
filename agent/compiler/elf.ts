/** Section header fields of ELF32 (System V ABI, "Sections"). */
const SHT_NOBITS = 8;
const SHF_ALLOC = 2;
const ARM_EXIDX = 0x70000001;

/**
 * Bytes of flash that an ELF32 little-endian object's sections take: code, constants and initial values.
 * Unwinding tables are left out, as the boards' linker script drops them.
 */
export function flashBytesOf(object: Uint8Array): number {
  const view = new DataView(object.buffer, object.byteOffset, object.byteLength);
  const isElf32 = object.length > 52 && view.getUint32(0) === 0x7f454c46 && object[4] === 1;
  if (!isElf32) throw new Error('not an ELF32 object');
  const sections = view.getUint32(32, true);
  const entry = view.getUint16(46, true);
  const count = view.getUint16(48, true);
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const at = sections + i * entry;
    const type = view.getUint32(at + 4, true);
    const flags = view.getUint32(at + 8, true);
    if ((flags & SHF_ALLOC) === 0 || type === SHT_NOBITS || type === ARM_EXIDX) continue;
    bytes += view.getUint32(at + 20, true);
  }
  return bytes;
}
