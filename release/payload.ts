// The base of an executable (denort, on which `deno compile` puts a program) out of an executable that was made with it. Deno appends the
// program to an ELF file, puts it into a segment of its own into a Mach-O file for arm64, and into the last segment of one for x86-64.

const ELF_MAGIC = 0x464c457f;
const MACH_O_MAGIC = 0xfeedfacf;
const SEGMENT = 0x19;
const PAYLOAD_SEGMENT = "__SUI";
const LINK_EDIT = "__LINKEDIT";
const SYMBOLS = 0x2;
const CODE_SIGNATURE = 0x1d;
/** Begins what is appended. */
const APPENDED = new TextEncoder().encode("d3n0l4nd");
const PAGE_BYTES = 4096n;

/** Where the load commands of a Mach-O file hold offsets into what is behind the payload: command, then offsets of 32-bit fields. */
const OFFSETS: ReadonlyMap<number, readonly number[]> = new Map([
  [0x2, [8, 16]], // LC_SYMTAB
  [0xb, [32, 40, 48, 56, 64, 72]], // LC_DYSYMTAB
  [0x22, [8, 16, 24, 32, 40]], // LC_DYLD_INFO
  [0x80000022, [8, 16, 24, 32, 40]], // LC_DYLD_INFO_ONLY
  [0x1d, [8]], // LC_CODE_SIGNATURE
  [0x1e, [8]], // LC_SEGMENT_SPLIT_INFO
  [0x26, [8]], // LC_FUNCTION_STARTS
  [0x29, [8]], // LC_DATA_IN_CODE
  [0x2b, [8]], // LC_DYLIB_CODE_SIGN_DRS
  [0x2e, [8]], // LC_LINKER_OPTIMIZATION_HINT
  [0x80000033, [8]], // LC_DYLD_EXPORTS_TRIE
  [0x80000034, [8]], // LC_DYLD_CHAINED_FIXUPS
]);

/** `program` without the payload. Throws where it is of another format or has none. */
export function withoutPayload(program: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const magic = viewOf(program).getUint32(0, true);
  if (magic === ELF_MAGIC) return withoutAppended(program);
  if (magic === MACH_O_MAGIC) return withoutSegment(program);
  throw new Error("The program is neither an ELF nor a Mach-O file of 64 bits");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The ELF file ends with its last section or its table of sections. */
function withoutAppended(program: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = viewOf(program);
  const NO_BITS = 8;
  const [table, size, count] = [
    Number(view.getBigUint64(40, true)),
    view.getUint16(58, true),
    view.getUint16(60, true),
  ];
  let end = table + size * count;
  for (let at = table; at < table + size * count; at += size) {
    if (view.getUint32(at + 4, true) === NO_BITS) continue;
    end = Math.max(end, Number(view.getBigUint64(at + 24, true)) + Number(view.getBigUint64(at + 32, true)));
  }
  if (end === program.length) throw new Error("The ELF file has no payload behind its sections");
  return program.slice(0, end);
}

interface Command {
  readonly at: number;
  readonly kind: number;
  readonly size: number;
}

function commandsOf(view: DataView): Command[] {
  const commands: Command[] = [];
  let at = 32;
  for (let left = view.getUint32(16, true); left > 0; left--) {
    const command = { at, kind: view.getUint32(at, true), size: view.getUint32(at + 4, true) };
    commands.push(command);
    at += command.size;
  }
  return commands;
}

/** Takes the payload's segment and its load command out; what is behind it moves to where the payload was. */
function withoutSegment(program: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const commands = commandsOf(viewOf(program));
  const named = (name: string) => commands.find((command) => isSegment(program, command, name));
  const payload = named(PAYLOAD_SEGMENT);
  const linkEdit = named(LINK_EDIT);
  if (linkEdit === undefined) throw new Error("The Mach-O file has no segment of symbols");
  if (payload === undefined) return withoutAppendedSymbols(program, linkEdit, commands);
  const { memory, start, length } = placeOf(viewOf(program), payload);
  const changed = program.slice();
  const view = viewOf(changed);
  view.setBigUint64(linkEdit.at + 24, view.getBigUint64(linkEdit.at + 24, true) - memory, true);
  view.setBigUint64(linkEdit.at + 40, view.getBigUint64(linkEdit.at + 40, true) - BigInt(length), true);
  for (const { at, kind } of commands) {
    for (const field of OFFSETS.get(kind) ?? []) {
      const offset = view.getUint32(at + field, true);
      if (offset >= start + length) view.setUint32(at + field, offset - length, true);
    }
  }
  removeCommand(changed, payload);
  const result = new Uint8Array(changed.length - length);
  result.set(changed.subarray(0, start));
  result.set(changed.subarray(start + length), start);
  return result;
}

/** The payload is behind the names of symbols and counts as part of them; a signature came later and goes with it. */
function withoutAppendedSymbols(
  program: Uint8Array<ArrayBuffer>,
  linkEdit: Command,
  commands: readonly Command[],
): Uint8Array<ArrayBuffer> {
  const symbols = commands.find(({ kind }) => kind === SYMBOLS);
  const start = symbols && viewOf(program).getUint32(symbols.at + 16, true);
  const end = start === undefined ? -1 : indexOf(program, APPENDED, start);
  if (symbols === undefined || start === undefined || end < 0) {
    throw new Error("The Mach-O file has no payload");
  }
  const result = program.slice(0, end);
  const view = viewOf(result);
  const length = BigInt(end) - view.getBigUint64(linkEdit.at + 40, true);
  view.setUint32(symbols.at + 20, end - start, true);
  view.setBigUint64(linkEdit.at + 32, (length + PAGE_BYTES - 1n) / PAGE_BYTES * PAGE_BYTES, true);
  view.setBigUint64(linkEdit.at + 48, length, true);
  const signature = commands.find(({ kind }) => kind === CODE_SIGNATURE);
  if (signature !== undefined) removeCommand(result, signature);
  return result;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(wanted[0]!, from); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

function isSegment(program: Uint8Array, { at, kind }: Command, name: string): boolean {
  if (kind !== SEGMENT) return false;
  return new TextDecoder().decode(program.subarray(at + 8, at + 24)).replace(/\0+$/, "") === name;
}

function placeOf(view: DataView, { at }: Command): { memory: bigint; start: number; length: number } {
  return {
    memory: view.getBigUint64(at + 32, true),
    start: Number(view.getBigUint64(at + 40, true)),
    length: Number(view.getBigUint64(at + 48, true)),
  };
}

function removeCommand(program: Uint8Array, { at, size }: Command): void {
  const view = viewOf(program);
  const [count, bytes] = [view.getUint32(16, true), view.getUint32(20, true)];
  program.copyWithin(at, at + size, 32 + bytes);
  program.fill(0, 32 + bytes - size, 32 + bytes);
  view.setUint32(16, count - 1, true);
  view.setUint32(20, bytes - size, true);
}
