import process from "node:process";
import { c, isPortable, libc } from "./libc.ts";
import { portableGroupName, portableUserName } from "./portable/names.ts";

const users = libc({
  getpwuid: { parameters: ["u32"], result: "pointer" },
  getgrgid: { parameters: ["u32"], result: "pointer" },
  getegid: { parameters: [], result: "u32" },
});

type Lookup = (id: number) => string | undefined;

/** Asks the system's user database once an id; `undefined` for ids that have no name. */
function names(lookup: Lookup): Lookup {
  const known = new Map<number, string | undefined>();
  return (id) => {
    if (!known.has(id)) known.set(id, lookup(id));
    return known.get(id);
  };
}

/** `struct passwd` and `struct group` both begin with a pointer to the name. */
function nameIn(record: Deno.PointerValue): string | undefined {
  if (record === null) return undefined;
  const name = new Deno.UnsafePointerView(record).getPointer();
  return name === null ? undefined : Deno.UnsafePointerView.getCString(name);
}

export const userName = names(isPortable ? portableUserName : (id) => nameIn(users().getpwuid(id)));
export const groupName = names(isPortable ? portableGroupName : (id) => nameIn(users().getgrgid(id)));

/** The user whose rights this process has. */
export const effectiveUser = (): number => c.geteuid();

export const effectiveGroup = (): number => isPortable ? process.getegid?.() ?? 0 : users().getegid();

export const isRoot = (): boolean => effectiveUser() === 0;
