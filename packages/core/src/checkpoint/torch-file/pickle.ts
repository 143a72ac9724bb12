import { GanymedeError } from "../../errors/ganymede-error.js";

/** What a pickle may call, by its full name. It is given the arguments and builds a value; nothing else ever runs. */
export interface PickleCallable {
  readonly callable: string;
  call(args: readonly PickleValue[]): PickleValue;
}

/** Values other than plain data, built by the host: storages and tensors. */
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

/** What the host of a pickle allows. */
export interface PickleHost {
  /** The callable of a global name, or undefined to refuse it. */
  global(name: string): PickleCallable | undefined;
  /** What a persistent id stands for. */
  persistent(id: PickleValue): PickleValue;
}

const marker: unique symbol = Symbol("mark");

/** The machine: a stack, a memo and a position in the bytes. */
class Machine {
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

  take(length: number): number {
    const begin = this.position;
    if (begin + length > this.bytes.length) throw this.fail("the file is truncated inside its directory");
    this.position += length;
    return begin;
  }

  text(length: number): string {
    const begin = this.take(length);
    return new TextDecoder().decode(this.bytes.subarray(begin, begin + length));
  }

  line(): string {
    const end = this.bytes.indexOf(10, this.position);
    if (end < 0) throw this.fail("the file is truncated inside its directory");
    return this.text(end - this.position + 1).slice(0, -1);
  }

  /** A little-endian two's complement integer of any length. */
  integer(length: number): number {
    const begin = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[begin + i]!);
    return Number(BigInt.asIntN(8 * length, value));
  }

  unsigned(length: 1 | 2 | 4): number {
    const value = this.integer(length);
    return value < 0 ? value + 2 ** (8 * length) : value;
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
    if (!(target instanceof Map) || items.length % 2 !== 0) throw this.fail("the pickle sets items of what is no dict");
    for (let i = 0; i < items.length; i += 2) target.set(items[i]!, items[i + 1]!);
  }

  append(items: readonly PickleValue[]): void {
    const target = this.top();
    if (!Array.isArray(target)) throw this.fail("the pickle appends to what is no list");
    for (const item of items) target.push(item);
  }

  global(): PickleCallable {
    const name = `${this.line()}.${this.line()}`;
    const known = this.host.global(name);
    if (known === undefined) {
      throw new GanymedeError(
        "unsupported",
        `${this.who}: the file asks for "${name}", which is not plain tensors and is never run; save a state dict`,
      );
    }
    return known;
  }

  reduce(): PickleValue {
    const args = this.pop();
    const callee = this.pop();
    if (!Array.isArray(args) || callee === null || typeof callee !== "object" || !("callable" in callee)) {
      throw this.fail("the pickle calls what cannot be called");
    }
    return callee.call(args);
  }

  recall(index: number): PickleValue {
    const value = this.memo.get(index);
    if (value === undefined) throw this.fail("the pickle recalls what it never kept");
    return value;
  }
}

type Operation = (machine: Machine) => void;
const push =
  (make: (machine: Machine) => PickleValue): Operation =>
  (machine) => {
    machine.stack.push(make(machine));
  };
const put =
  (length: 1 | 4): Operation =>
  (machine) => {
    machine.memo.set(machine.unsigned(length), machine.top());
  };

/** The instructions that files of tensors use; protocol 2 of Python's pickletools, by code. */
const operations = new Map<number, Operation>([
  [0x80, (machine) => void machine.take(1)], // PROTO
  [0x28, (machine) => void machine.stack.push(marker)], // MARK
  [0x4e, push(() => null)], // NONE
  [0x88, push(() => true)],
  [0x89, push(() => false)],
  [0x4b, push((machine) => machine.unsigned(1))], // BININT1
  [0x4d, push((machine) => machine.unsigned(2))], // BININT2
  [0x4a, push((machine) => machine.integer(4))], // BININT
  [0x8a, push((machine) => machine.integer(machine.unsigned(1)))], // LONG1
  [0x47, push((machine) => machine.view.getFloat64(machine.take(8)))], // BINFLOAT
  [0x58, push((machine) => machine.text(machine.unsigned(4)))], // BINUNICODE
  [0x55, push((machine) => machine.text(machine.unsigned(1)))], // SHORT_BINSTRING
  [0x7d, push(() => new Map())], // EMPTY_DICT
  [0x5d, push(() => [])], // EMPTY_LIST
  [0x29, push(() => [])], // EMPTY_TUPLE
  [0x74, push((machine) => machine.popToMark())], // TUPLE
  [0x85, push((machine) => machine.popTuple(1))],
  [0x86, push((machine) => machine.popTuple(2))],
  [0x87, push((machine) => machine.popTuple(3))],
  [0x71, put(1)], // BINPUT
  [0x72, put(4)], // LONG_BINPUT
  [0x68, push((machine) => machine.recall(machine.unsigned(1)))], // BINGET
  [0x6a, push((machine) => machine.recall(machine.unsigned(4)))], // LONG_BINGET
  [0x73, (machine) => machine.setItems(machine.popTuple(2))], // SETITEM
  [0x75, (machine) => machine.setItems(machine.popToMark())], // SETITEMS
  [0x61, (machine) => machine.append(machine.popTuple(1))], // APPEND
  [0x65, (machine) => machine.append(machine.popToMark())], // APPENDS
  [0x63, push((machine) => machine.global())], // GLOBAL
  [0x52, push((machine) => machine.reduce())], // REDUCE
  [0x51, push((machine) => machine.host.persistent(machine.pop()))], // BINPERSID
  [0x62, (machine) => void machine.pop()], // BUILD: attributes of a dict, as its _metadata, are left out
]);

const stop = 0x2e;

/**
 * Reads one pickle of plain data without running any of it: the instructions that build numbers, texts, lists, dicts and calls
 * of what the host allows are known, and anything else is refused by name.
 *
 * Source: the opcode table of Python's `pickletools`.
 * @returns the value and the offset behind it.
 * @throws GanymedeError `invalid-data` for a damaged pickle, `unsupported` for one that asks for more.
 */
export function readPickle(
  bytes: Uint8Array,
  offset: number,
  host: PickleHost,
  who: string,
): { readonly value: PickleValue; readonly end: number } {
  const machine = new Machine(bytes, offset, host, who);
  for (;;) {
    const code = bytes[machine.take(1)]!;
    if (code === stop) return { value: machine.pop(), end: machine.position };
    const operation = operations.get(code);
    if (operation === undefined) {
      throw new GanymedeError(
        "unsupported",
        `${who}: the file holds pickle instruction 0x${code.toString(16)} at byte ${machine.position - 1}, which files of tensors do not use; save a state dict`,
      );
    }
    operation(machine);
  }
}
