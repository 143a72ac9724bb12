import { GanymedeError } from "../../errors/ganymede-error.js";
import { shorten } from "../../errors/shorten.js";

/** A callable that a pickle may name, by full name. It builds a value from its arguments; nothing else is ever executed. */
export interface PickleCallable {
  readonly callable: string;
  call(args: readonly PickleValue[]): PickleValue;
}

/** Values other than plain data, built by the host: storages, tensors and ignored objects. */
export interface PickleObject {
  readonly object: string;
}

export type PickleValue =
  | number
  | string
  | boolean
  | null
  | PickleCallable
  | PickleObject
  | PickleValue[]
  | Map<PickleValue, PickleValue>;

/** Host of a pickle: everything that it may refer to. */
export interface PickleHost {
  /** The callable of a global name; undefined rejects it. */
  global(name: string): PickleCallable | undefined;
  /** The value of a persistent id. */
  persistent(id: PickleValue): PickleValue;
}

/** An ignored value: bytes, sets, NumPy numbers. */
export const inert: PickleObject = { object: "inert" };

/** The pickle continues after the available bytes, which may be the start of a longer file. */
export class PickleEndError extends GanymedeError {}

const decoder = new TextDecoder();
const marker: unique symbol = Symbol("mark");

/** The pickle machine: a stack, a memo and a position in the bytes. */
export class Machine {
  readonly stack: (PickleValue | typeof marker)[] = [];
  readonly memo = new Map<number, PickleValue>();
  readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    public position: number,
    readonly host: PickleHost,
    readonly who: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(rule: string): GanymedeError {
    return new GanymedeError(
      "invalid-data",
      `${this.who}: ${rule} (byte ${this.position}); use another copy of the file`,
    );
  }

  /** Advances by some bytes and returns their offset. */
  take(length: number): number {
    const begin = this.position;
    if (begin + length > this.bytes.length) {
      const rule = `the file is truncated inside its directory (byte ${begin})`;
      throw new PickleEndError("invalid-data", `${this.who}: ${rule}; use another copy of the file`);
    }
    this.position += length;
    return begin;
  }

  skip(length: number): PickleObject {
    this.take(length);
    return inert;
  }

  text(length: number): string {
    const begin = this.take(length);
    return decoder.decode(this.bytes.subarray(begin, begin + length));
  }

  line(): string {
    const end = this.bytes.indexOf(10, this.position);
    return this.text((end < 0 ? this.bytes.length : end) - this.position + 1).slice(0, -1);
  }

  /** A little-endian two's complement integer of any length. */
  integer(length: number): number {
    const begin = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[begin + i]!);
    return Number(BigInt.asIntN(8 * length, value));
  }

  unsigned(length: 1 | 2 | 4 | 8): number {
    const value = this.integer(length);
    return value < 0 ? value + 2 ** (8 * length) : value;
  }

  mark(): void {
    this.stack.push(marker);
  }

  pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === marker) throw this.fail("the pickle takes from an empty stack");
    return value;
  }

  popToMark(): PickleValue[] {
    const at = this.stack.lastIndexOf(marker);
    if (at < 0) throw this.fail("the pickle has no mark where it needs one");
    return this.stack.splice(at).slice(1) as PickleValue[];
  }

  popTuple(length: number): PickleValue[] {
    return Array.from({ length }, () => this.pop()).reverse();
  }

  top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined || value === marker) throw this.fail("the pickle takes from an empty stack");
    return value;
  }

  setItems(items: readonly PickleValue[]): void {
    const target = this.top();
    if (target === inert) return;
    if (!(target instanceof Map) || items.length % 2 !== 0)
      throw this.fail("the pickle sets items of a value that is not a dict");
    for (let i = 0; i < items.length; i += 2) target.set(items[i]!, items[i + 1]!);
  }

  append(items: readonly PickleValue[]): void {
    const target = this.top();
    if (target === inert) return;
    if (!Array.isArray(target)) throw this.fail("the pickle appends to a value that is not a list");
    for (const item of items) target.push(item);
  }

  /** Members of a set, which are ignored. */
  addItems(): void {
    this.popToMark();
    if (this.top() !== inert) throw this.fail("the pickle adds items to a value that is not a set");
  }

  frozenSet(): PickleObject {
    this.popToMark();
    return inert;
  }

  global(module: string, name: string): PickleCallable {
    const full = `${module}.${name}`;
    const known = this.host.global(full);
    if (known === undefined) {
      throw new GanymedeError(
        "unsupported",
        `${this.who}: the file refers to "${shorten(full)}", which is not a plain tensor and is never executed; save a state dict`,
      );
    }
    return known;
  }

  /** A global whose module and name are on the stack. */
  stackGlobal(): PickleCallable {
    const [module, name] = this.popTuple(2);
    if (typeof module !== "string" || typeof name !== "string")
      throw this.fail("the pickle names a global by a value that is not a string");
    return this.global(module, name);
  }

  /** Calls the callable on the stack, or constructs its object; the same for all supported callables. */
  reduce(args: PickleValue): PickleValue {
    const callee = this.pop();
    if (!Array.isArray(args) || callee === null || typeof callee !== "object" || !("callable" in callee)) {
      throw this.fail("the pickle calls a value that is not callable");
    }
    return callee.call(args);
  }

  recall(index: number): PickleValue {
    const value = this.memo.get(index);
    if (value === undefined) throw this.fail("the pickle reads a memo entry that does not exist");
    return value;
  }
}
