import { GanymedeError } from "../../errors/ganymede-error.js";
import { inert, Machine, type PickleHost, type PickleValue } from "./pickle-machine.js";

/** Most instructions of one pickle: about 50,000 tensors, in a few hundred megabytes of memory at worst. */
export const mostInstructions = 2 ** 21;

type Operation = (machine: Machine) => void;
const push =
  (make: (machine: Machine) => PickleValue): Operation =>
  (machine) => {
    machine.stack.push(make(machine));
  };
const put =
  (index: (machine: Machine) => number): Operation =>
  (machine) => {
    machine.memo.set(index(machine), machine.top());
  };

function expectProtocol(machine: Machine): void {
  const protocol = machine.unsigned(1);
  if (protocol < 2 || protocol > 5) {
    throw new GanymedeError(
      "unsupported",
      `${machine.who}: a pickle must have protocol 2 to 5, got ${protocol}; save the file with torch.save`,
    );
  }
}

/** Instructions that tensor files use, by opcode, up to protocol 5 of Python's pickletools. */
const operations = new Map<number, Operation>([
  [0x80, expectProtocol], // PROTO
  [0x95, (machine) => void machine.skip(8)], // FRAME
  [0x28, (machine) => machine.mark()], // MARK
  [0x30, (machine) => void machine.pop()], // POP
  [0x31, (machine) => void machine.popToMark()], // POP_MARK
  [0x32, push((machine) => machine.top())], // DUP
  [0x4e, push(() => null)], // NONE
  [0x88, push(() => true)],
  [0x89, push(() => false)],
  [0x4b, push((machine) => machine.unsigned(1))], // BININT1
  [0x4d, push((machine) => machine.unsigned(2))], // BININT2
  [0x4a, push((machine) => machine.integer(4))], // BININT
  [0x8a, push((machine) => machine.integer(machine.unsigned(1)))], // LONG1
  [0x47, push((machine) => machine.view.getFloat64(machine.take(8)))], // BINFLOAT
  [0x8c, push((machine) => machine.text(machine.unsigned(1)))], // SHORT_BINUNICODE
  [0x58, push((machine) => machine.text(machine.unsigned(4)))], // BINUNICODE
  [0x8d, push((machine) => machine.text(machine.unsigned(8)))], // BINUNICODE8
  [0x55, push((machine) => machine.text(machine.unsigned(1)))], // SHORT_BINSTRING
  [0x43, push((machine) => machine.skip(machine.unsigned(1)))], // SHORT_BINBYTES
  [0x42, push((machine) => machine.skip(machine.unsigned(4)))], // BINBYTES
  [0x8e, push((machine) => machine.skip(machine.unsigned(8)))], // BINBYTES8
  [0x96, push((machine) => machine.skip(machine.unsigned(8)))], // BYTEARRAY8
  [0x7d, push(() => new Map())], // EMPTY_DICT
  [0x5d, push(() => [])], // EMPTY_LIST
  [0x29, push(() => [])], // EMPTY_TUPLE
  [0x8f, push(() => inert)], // EMPTY_SET
  [0x90, (machine) => machine.addItems()], // ADDITEMS
  [0x91, push((machine) => machine.frozenSet())], // FROZENSET
  [0x74, push((machine) => machine.popToMark())], // TUPLE
  [0x85, push((machine) => machine.popTuple(1))],
  [0x86, push((machine) => machine.popTuple(2))],
  [0x87, push((machine) => machine.popTuple(3))],
  [0x71, put((machine) => machine.unsigned(1))], // BINPUT
  [0x72, put((machine) => machine.unsigned(4))], // LONG_BINPUT
  [0x94, put((machine) => machine.memo.size)], // MEMOIZE
  [0x68, push((machine) => machine.recall(machine.unsigned(1)))], // BINGET
  [0x6a, push((machine) => machine.recall(machine.unsigned(4)))], // LONG_BINGET
  [0x73, (machine) => machine.setItems(machine.popTuple(2))], // SETITEM
  [0x75, (machine) => machine.setItems(machine.popToMark())], // SETITEMS
  [0x61, (machine) => machine.append(machine.popTuple(1))], // APPEND
  [0x65, (machine) => machine.append(machine.popToMark())], // APPENDS
  [0x63, push((machine) => machine.global(machine.line(), machine.line()))], // GLOBAL
  [0x93, push((machine) => machine.stackGlobal())], // STACK_GLOBAL
  [0x52, push((machine) => machine.reduce(machine.pop()))], // REDUCE
  [0x81, push((machine) => machine.reduce(machine.pop()))], // NEWOBJ
  [0x51, push((machine) => machine.host.persistent(machine.pop()))], // BINPERSID
  [0x62, (machine) => void machine.pop()], // BUILD: attributes of a dict, as its _metadata, are left out
]);

const stop = 0x2e;

/**
 * Reads one pickle of plain data without executing any of it: only instructions that build numbers, strings, lists, dicts and calls
 * of the host's callables are supported; any other is rejected by name.
 *
 * Source: the opcode table of Python's `pickletools`.
 * @returns the value and the offset after it.
 * @throws GanymedeError `invalid-data` for a damaged pickle (`PickleEndError` if the bytes end within it), `unsupported` for an unsupported
 *   instruction.
 */
export function readPickle(
  bytes: Uint8Array,
  offset: number,
  host: PickleHost,
  who: string,
): { readonly value: PickleValue; readonly end: number } {
  const machine = new Machine(bytes, offset, host, who);
  for (let count = 0; count < mostInstructions; count++) {
    const code = bytes[machine.take(1)]!;
    if (code === stop) return { value: machine.pop(), end: machine.position };
    const operation = operations.get(code);
    if (operation === undefined) {
      throw new GanymedeError(
        "unsupported",
        `${who}: the file contains pickle instruction 0x${code.toString(16)} at byte ${machine.position - 1}, which tensor files do not use; save a state dict`,
      );
    }
    operation(machine);
  }
  throw new GanymedeError(
    "unsupported",
    `${who}: a pickle must have at most ${mostInstructions} instructions, got more; save only a state dict`,
  );
}
