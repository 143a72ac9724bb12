import { crc32 } from "./crc32.js";

/** Fields shared by an entry's local and central records, from the version needed to the name's length. */
function record(
  signature: number,
  length: number,
  at: number,
  name: Uint8Array,
  data: Uint8Array,
  crc: number,
): DataView {
  const view = new DataView(new ArrayBuffer(length));
  view.setUint32(0, signature, true);
  view.setUint16(at, 20, true);
  // The earliest date of the format, so that archives of equal content are equal.
  view.setUint16(at + 8, 0x21, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, data.length, true);
  view.setUint32(at + 18, data.length, true);
  view.setUint16(at + 22, name.length, true);
  return view;
}

/** Writes a zip archive of stored (uncompressed) files. */
export function writeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const local: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const [path, data] of files) {
    const name = new TextEncoder().encode(path);
    const crc = crc32(data);
    const header = record(0x04034b50, 30, 4, name, data, crc);
    const entry = record(0x02014b50, 46, 6, name, data, crc);
    entry.setUint32(42, offset, true);
    local.push(new Uint8Array(header.buffer), name, data);
    central.push(new Uint8Array(entry.buffer), name);
    offset += 30 + name.length + data.length;
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, files.size, true);
  end.setUint16(10, files.size, true);
  const directory = central.reduce((sum, part) => sum + part.length, 0);
  end.setUint32(12, directory, true);
  end.setUint32(16, offset, true);
  const out = new Uint8Array(offset + directory + 22);
  let at = 0;
  for (const part of [...local, ...central, new Uint8Array(end.buffer)]) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
