import { c, libc } from "./libc.ts";

const users = libc({
  getpwuid: { parameters: ["u32"], result: "pointer" },
  getgrgid: { parameters: ["u32"], result: "pointer" },
  getegid: { parameters: [], result: "u32" },
});

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

export const userName = names((id) => users().getpwuid(id));
export const groupName = names((id) => users().getgrgid(id));

/** The user whose rights this process has. */
export const effectiveUser = (): number => c.geteuid();

export const effectiveGroup = (): number => users().getegid();

export const isRoot = (): boolean => effectiveUser() === 0;
