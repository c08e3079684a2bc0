import type { Outcome, Point, Way } from "./sweep.ts";

const WAYS: readonly Way[] = ["error", "short", "kill", "power loss"];

const HEAD = `# Crash points

What Vaultik does when something goes wrong at any one call that it makes to a disk or a store. \`deno task crash-points\` lets it go wrong, one call
after the other, and writes this page; a sample of the points is tried by every run of the tests.

Calls to a store, whichever it is, are named \`store:\`: **error** is a request or an answer that is lost once, **kill** one after which none
reaches the store any more. All others are calls to a disk, where the store is one, too:

- **error**: the call fails with each error that it can have (\`ENOSPC\`, \`EDQUOT\`, \`EIO\`, \`EACCES\`, \`EROFS\`, \`EMFILE\`, …), once; a full
  or read-only disk also stays so. **short**: a write takes half of its bytes.
- **kill**: the process ends before the call, or in the middle of a write.
- **power loss**: besides, what no \`fsync\` has brought to the disk is lost, all of it, or some in any combination (names, contents, commits of the index).

After each, and nothing else done: every snapshot that is listed restores to what was backed up; none is missing; the operation, begun again, ends
well and says nothing; so does the next backup; \`snapshot verify --deep\` and \`index check\` find nothing.

_refused_: the operation failed, and its message names the file. _warned_: it went on, and said so. _harmless_: it did not matter, as for what is
only kept to save time. _sound_: all of the above held. _BROKEN_: something did not.

`;

/** The page about all `points`. */
export function table(points: readonly Point[]): string {
  const sections = [...Map.groupBy(points, ({ operation }) => operation)].map(([name, some]) =>
    `## ${name}\n\n${summary(some)}\n\n${rows(some)}\n`
  );
  return `${HEAD}${summary(points)}\n\n${sections.join("\n")}`;
}

/** Counts, in words. */
export function summary(points: readonly Point[]): string {
  const broken = points.filter(({ outcome }) => outcome === "BROKEN").length;
  return `${points.length} points: ${counts(points)}; ${broken} broken promises.`;
}

function counts(points: readonly Point[]): string {
  const order: readonly Outcome[] = ["sound", "refused", "warned", "harmless", "BROKEN"];
  const parts = order.map((outcome) => [points.filter((point) => point.outcome === outcome).length, outcome]);
  return parts.filter(([count]) => count !== 0).map((part) => part.join(" ")).join(", ");
}

function rows(points: readonly Point[]): string {
  const lines = [...Map.groupBy(points, ({ call }) => call)].map(([call, some]) => {
    const cells = WAYS.map((way) => counts(some.filter((point) => point.way === way)));
    const numbers = new Set(some.map(({ number }) => number));
    return `| \`${call}\` | ${numbers.size} | ${cells.join(" | ")} |`;
  });
  return [`| call | times | ${WAYS.join(" | ")} |`, "| --- | --- | --- | --- | --- | --- |", ...lines].join(
    "\n",
  );
}
