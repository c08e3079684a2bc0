import type { BaseIssue } from "valibot";
import { NO_KEY } from "./refusal.ts";
import { kindOfValue, pathText, quotesFor, shown } from "./shown.ts";

/** What is wrong, one line each: keys that are not known first, as they explain others. */
export function linesOf(issues: readonly BaseIssue<unknown>[]): string[] {
  const deepest = issues.flatMap((issue) => innermost(issue, []));
  const isUnknown = ({ issue }: Placed) => issue.message.startsWith(NO_KEY);
  return [...deepest.filter(isUnknown), ...deepest.filter((placed) => !isUnknown(placed))].map(lineOf);
}

interface Placed {
  readonly issue: BaseIssue<unknown>;
  readonly path: readonly PropertyKey[];
}

/** Of a value that may be one thing or another, the faults within the one that it nearly is. */
function innermost(issue: BaseIssue<unknown>, above: readonly PropertyKey[]): Placed[] {
  const path = [...above, ...(issue.path ?? []).map(({ key }) => key as PropertyKey)];
  const within = issue.type === "union" ? (issue.issues ?? []).filter(({ path }) => path !== undefined) : [];
  return within.length === 0 ? [{ issue, path }] : within.flatMap((inner) => innermost(inner, path));
}

function lineOf({ issue, path }: Placed): string {
  const parts: Record<string, () => string> = {
    key: () => path.length === 0 ? "the file" : pathText(path),
    value: () => shown(issue.input),
    kind: () => kindOfValue(issue.input),
    state: () => issue.input === undefined || issue.input === null ? "is missing" : "is empty",
    quotes: () => quotesFor(issue.input, path.at(-1)),
  };
  return issue.message.replace(/\{(key|value|kind|state|quotes)\}/g, (_, part) => parts[part]!());
}
