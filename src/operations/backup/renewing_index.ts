import { isIndexDamage, setAside } from "../../index/database.ts";
import type { Report } from "../../report/events.ts";

/** Does `work`, and does it again with a new index where the one at `path` turns out to be damaged: that is kept aside. */
export async function renewingIndex<T>(path: string, report: Report, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isIndexDamage(error)) throw error;
    setAside(path);
    const text = `Index "${path}" is damaged and was set aside as ${path}.old: everything is stored again`;
    report({ kind: "warning", text });
    return await work();
  }
}
