import { isExpected } from "../../base/exit_codes.ts";
import { indexFault, isIndexDamage, setAside } from "../../index/database.ts";
import { asidePath } from "../../index/files.ts";
import type { Report } from "../../report/events.ts";

/** Does `work`, and does it again with a new index where the one at `path` turns out to be damaged: that is kept aside. */
export async function renewingIndex<T>(path: string, report: Report, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // What looks like a mistake of the program may be one of the index.
    const isDamage = isIndexDamage(error) || !isExpected(error) && indexFault(path) !== undefined;
    if (!isDamage) throw error;
    setAside(path);
    const text = `Index "${path}" is damaged and was set aside as ${
      asidePath(path)
    }: everything is stored again`;
    report({ kind: "warning", text });
    return await work();
  }
}
