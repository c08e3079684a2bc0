import fc from "fast-check";

// Changes to what a writer has made, as data: fast-check finds the fewest that still show a fault.

type Json = unknown;

/** One change; `at` and `amount` are brought into range where they are used. */
export interface Mutation {
  readonly kind: number;
  readonly at: number;
  readonly amount: number;
  readonly value: Json;
}

/** What no field expects, or at the edge of what it may hold. */
const EXTREMES: readonly Json[] = [
  ...[
    null,
    true,
    false,
    "",
    " ",
    "\0",
    "\u2028",
    "\ud800",
    "/",
    "..",
    "../../etc/passwd",
    "__proto__",
    "constructor",
  ],
  ...[
    "a".repeat(63),
    "0".repeat(64),
    "F".repeat(64),
    "x".repeat(5_000),
    "AAAA",
    "A===",
    "2025-02-30T00:00:00Z",
  ],
  ...[
    0,
    -0,
    1,
    -1,
    0.5,
    2,
    255,
    256,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
    2 ** 53,
    1e21,
    1e308,
    -1e308,
  ],
  ...[[], {}, [[]], [null], { length: 5 }, { toString: 1 }, { toJSON: 1 }, nested(200)],
];

function nested(depth: number): Json {
  let value: Json = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

/** At most `max` changes; rather few, so that most of what was made stays right and the code behind the first check is reached. */
export function mutations(max = 4): fc.Arbitrary<readonly Mutation[]> {
  const mutation = fc.record({
    kind: fc.nat({ max: 1_000 }),
    at: fc.nat(),
    amount: fc.nat({ max: 1 << 16 }),
    value: fc.oneof(fc.constantFrom(...EXTREMES), fc.integer(), fc.string({ unit: "binary", maxLength: 8 })),
  });
  return fc.array(mutation, { minLength: 0, maxLength: max });
}

/** What is made by repeating, at most: inputs stay such as are looked at quickly. */
const REPEATED_CHARACTERS = 200_000;

interface Place {
  readonly parent: Record<string, Json> | Json[];
  readonly key: string | number;
}

/** `value` after `changes`; it is not changed itself. */
export function mutateJson(value: Json, changes: readonly Mutation[]): Json {
  const root = [structuredClone(value)];
  for (const change of changes) mutateOne(root, change);
  return root[0];
}

function mutateOne(root: Json[], { kind, at, amount, value }: Mutation): void {
  const places = placesIn(root);
  const { parent, key } = places[at % places.length]!;
  const other = places[amount % places.length]!;
  const node = get(parent, key);
  const changes: (() => void)[] = [
    () => set(parent, key, structuredClone(value)),
    () => set(parent, key, nudged(node, amount)),
    () => set(parent, key, nudged(node, amount)),
    () => remove(parent, key),
    () => repeat(parent, key, 1 + amount % 3),
    () => set(parent, key, structuredClone(get(other.parent, other.key))),
    () =>
      isObject(node) &&
      define(
        node,
        typeof value === "string" ? value : "extra",
        structuredClone(get(other.parent, other.key)),
      ),
    () => set(parent, key, [node]),
    () => Array.isArray(node) && node.reverse(),
    () => Array.isArray(parent) && repeat(parent, key, amount % 5_000),
  ];
  changes[kind % changes.length]!();
}

/** All members and elements below `root`, at most as many as can be visited quickly. */
function placesIn(root: Json[]): Place[] {
  const places: Place[] = [];
  const waiting: (Record<string, Json> | Json[])[] = [root];
  for (let parent = waiting.pop(); parent !== undefined && places.length < 2_000; parent = waiting.pop()) {
    for (const key of Array.isArray(parent) ? parent.keys() : Object.keys(parent)) {
      places.push({ parent, key });
      const child = get(parent, key);
      if (typeof child === "object" && child !== null) waiting.push(child as Json[]);
    }
  }
  return places.length === 0 ? [{ parent: root, key: 0 }] : places;
}

function get(parent: Place["parent"], key: string | number): Json {
  return (parent as Record<string, Json>)[key];
}

function set(parent: Place["parent"], key: string | number, value: Json): void {
  define(parent, key, value);
}

/** Also `__proto__` becomes a member of its own, as `JSON.parse` makes it. */
function define(parent: object, key: string | number, value: Json): void {
  if (Array.isArray(parent) && typeof key === "string") return;
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

function remove(parent: Place["parent"], key: string | number): void {
  if (Array.isArray(parent)) parent.splice(key as number, 1);
  else delete parent[key];
}

function repeat(parent: Place["parent"], key: string | number, times: number): void {
  if (!Array.isArray(parent)) return;
  const characters = JSON.stringify(parent[key as number])?.length ?? 1;
  const length = Math.min(times, Math.ceil(REPEATED_CHARACTERS / characters));
  const more = Array.from({ length }, () => structuredClone(parent[key as number]));
  parent.splice(key as number, 0, ...more);
}

function isObject(node: Json): node is object {
  return typeof node === "object" && node !== null;
}

/** Almost as before. */
function nudged(node: Json, amount: number): Json {
  if (typeof node === "number") {
    return [node + 1, node - 1, -node, node * 2 ** (amount % 60), node + 0.5][amount % 5];
  }
  if (typeof node === "boolean") return !node;
  if (typeof node !== "string") return JSON.stringify(node) ?? "";
  const at = amount % (node.length + 1);
  const [before, after] = [node.slice(0, at), node.slice(at)];
  return [
    before,
    before + after.slice(1),
    before + "\0" + after,
    before + "/../" + after,
    node + node,
    node + " ",
  ][
    amount % 6
  ];
}

/** `bytes` after `changes`; they are not changed themselves. */
export function mutateBytes(bytes: Uint8Array, changes: readonly Mutation[]): Uint8Array<ArrayBuffer> {
  let result = new Uint8Array(bytes);
  for (const change of changes) result = mutateOnce(result, change);
  return result;
}

const INTERESTING = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x20, 0x2d, 0x3c, 0x5b, 0x7b];

function mutateOnce(
  bytes: Uint8Array<ArrayBuffer>,
  { kind, at, amount, value }: Mutation,
): Uint8Array<ArrayBuffer> {
  const from = at % (bytes.length + 1);
  const to = Math.min(bytes.length, from + 1 + amount % 64);
  const copy = (end = bytes.length) => bytes.slice(0, end);
  switch (kind % 9) {
    case 0:
      return changed(bytes, from, (byte) => byte ^ (1 << amount % 8));
    case 1:
      return changed(bytes, from, () => INTERESTING[amount % INTERESTING.length]!);
    case 2:
      return copy(from);
    case 3:
      return joined(bytes.subarray(0, from), bytes.subarray(to));
    case 4:
      return joined(bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(from));
    case 5:
      return joined(
        bytes.subarray(0, from),
        new TextEncoder().encode(JSON.stringify(value)),
        bytes.subarray(from),
      );
    case 6:
      return withNumber(bytes, from, value);
    case 7:
      return joined(
        bytes.subarray(0, from),
        new Uint8Array(amount % 5_000).fill(amount),
        bytes.subarray(from),
      );
    default:
      return joined(bytes.subarray(0, from), bytes.subarray(from, to).toReversed(), bytes.subarray(to));
  }
}

function changed(bytes: Uint8Array<ArrayBuffer>, at: number, change: (byte: number) => number) {
  return at < bytes.length ? bytes.with(at, change(bytes[at]!)) as Uint8Array<ArrayBuffer> : bytes;
}

/** A number of four bytes, of either order, at a place where such ones are. */
function withNumber(bytes: Uint8Array<ArrayBuffer>, from: number, value: Json): Uint8Array<ArrayBuffer> {
  if (bytes.length < 4) return bytes;
  const result = bytes.slice();
  const number = typeof value === "number" ? value : 0xffffffff;
  new DataView(result.buffer).setUint32(Math.min(from & ~3, bytes.length - 4), number, true);
  return result;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

export function mutateText(text: string, changes: readonly Mutation[]): string {
  return new TextDecoder().decode(mutateBytes(new TextEncoder().encode(text), changes));
}
