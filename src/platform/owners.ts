import { c, cString } from "./libc.ts";

type Lookup = (id: number) => Deno.PointerValue;

/** Asks the system's user database once an id; `undefined` for ids that have no name. */
function names(lookup: Lookup): (id: number) => string | undefined {
  const known = new Map<number, string | undefined>();
  return (id) => {
    if (!known.has(id)) known.set(id, nameIn(lookup(id)));
    return known.get(id);
  };
}

/** `struct passwd` and `struct group` both begin with a pointer to the name. */
function nameIn(record: Deno.PointerValue): string | undefined {
  if (record === null) return undefined;
  const name = new Deno.UnsafePointerView(record).getPointer();
  return name === null ? undefined : Deno.UnsafePointerView.getCString(name);
}

export const userName = names((id) => c.getpwuid(id));
export const groupName = names((id) => c.getgrgid(id));

/** `struct passwd` has the id after two pointers, `struct group` too. */
const ID_OFFSET = 16;

function ids(
  lookup: (name: Uint8Array<ArrayBuffer>) => Deno.PointerValue,
): (name: string) => number | undefined {
  const known = new Map<string, number | undefined>();
  return (name) => {
    if (!known.has(name)) {
      const record = lookup(cString(name));
      known.set(name, record === null ? undefined : new Deno.UnsafePointerView(record).getUint32(ID_OFFSET));
    }
    return known.get(name);
  };
}

export const userId = ids((name) => c.getpwnam(name));
export const groupId = ids((name) => c.getgrnam(name));

export const isRoot = (): boolean => c.geteuid() === 0;
