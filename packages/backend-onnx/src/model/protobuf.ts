/** Writes the Protocol Buffers wire format: only what ONNX models need, without a schema compiler. */
export class ProtobufWriter {
  private bytes = new Uint8Array(1024);
  private length = 0;

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  private varint(value: number | bigint): void {
    this.reserve(10);
    if (typeof value === "number" && value >= 0 && value < 0x80) {
      this.bytes[this.length++] = value;
      return;
    }
    // Negative numbers take the full 64 bits of two's complement.
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      this.bytes[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.length++] = Number(rest);
  }

  /** Field of wire type 0. */
  integer(field: number, value: number | bigint): this {
    this.varint(field << 3);
    this.varint(value);
    return this;
  }

  /** Field of wire type 5. */
  float(field: number, value: number): this {
    this.varint((field << 3) | 5);
    this.reserve(4);
    new DataView(this.bytes.buffer).setFloat32(this.length, value, true);
    this.length += 4;
    return this;
  }

  /** Field of wire type 2. */
  blob(field: number, value: Uint8Array): this {
    this.varint((field << 3) | 2);
    this.varint(value.length);
    this.reserve(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
    return this;
  }

  text(field: number, value: string): this {
    const start = this.length;
    this.varint((field << 3) | 2);
    this.varint(value.length);
    this.reserve(value.length);
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) {
        this.length = start;
        return this.blob(field, encoder.encode(value));
      }
      // Names are ASCII; the encoder's call takes longer than they are.
      this.bytes[this.length++] = code;
    }
    return this;
  }

  /** A message, written in place and moved to make room for its length. */
  message(field: number, write: (inner: ProtobufWriter) => void): this {
    this.varint((field << 3) | 2);
    const start = this.length;
    write(this);
    const end = this.length;
    this.varint(end - start);
    const size = this.length - end;
    const prefix = this.bytes.slice(end, this.length);
    this.bytes.copyWithin(start + size, start, end);
    this.bytes.set(prefix, start);
    return this;
  }

  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

const encoder = new TextEncoder();
