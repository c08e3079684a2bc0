import "./patched.ts";
import type { Point } from "./sweep.ts";

// deno task crash-points [OPERATION…]: lets everything go wrong at every call of every operation, and writes docs/crash-points.md.
// With names, or the beginnings of some, only those, and it writes nothing.

const { OPERATIONS } = await import("./operations.ts");
const { Sweep } = await import("./sweep.ts");
const { StoreSweep } = await import("./store_sweep.ts");
const { summary, table } = await import("./table.ts");

const PAGE = new URL("../../docs/crash-points.md", import.meta.url);

const wanted = Deno.args;
const points: Point[] = [];
for (const operation of OPERATIONS) {
  if (wanted.length > 0 && !wanted.some((name) => operation.name.startsWith(name))) continue;
  const found: Point[] = [];
  using sweep = await Sweep.open(operation);
  using storeSweep = await StoreSweep.open(operation);
  for (const some of [sweep.crashes(), sweep.errors(), storeSweep.points()]) {
    for await (const point of some) {
      found.push(point);
      if (point.outcome === "BROKEN") console.log(point);
    }
  }
  console.log(
    `${operation.name}: ${sweep.calls.length} calls, ${storeSweep.calls.length} to stores, ${summary(found)}`,
  );
  for (const point of found) points.push(point);
}
console.log(summary(points));
if (wanted.length === 0) Deno.writeTextFileSync(PAGE, table(points));
Deno.exit(points.some(({ outcome }) => outcome === "BROKEN") ? 1 : 0);
