import assert from "node:assert/strict";
import { functionLengths } from "./function_lengths.ts";
import { importsOf, readSources, type Sources, withoutComments } from "./sources.ts";

// DESIGN.md, section 5: the layers of the program. Imports are read from the sources, so a wrong one fails here.

/** From the top: a file may import what is in a lower layer, or in its own folder. */
const LAYERS: readonly (readonly string[])[] = [
  ["main"],
  ["cli"],
  ["daemon"],
  ["operations"],
  ["write"],
  ["read"],
  ["threads"],
  ["scan", "chunk", "blob", "seal", "store", "index"],
  ["model", "events"],
  ["platform"],
  ["base"],
];

/** Beside the layers: who may import these, and what these may import. */
const BESIDE: Record<string, { readonly by: readonly string[]; readonly imports: readonly string[] }> = {
  config: { by: ["cli", "daemon"], imports: ["store", "seal", "model", "platform", "base"] },
  notices: { by: ["cli"], imports: ["operations", "base"] },
  report: { by: ["cli", "daemon"], imports: ["operations", "events", "base"] },
};

/** What knows of these layers only, whatever else is below it. */
const ONLY: Record<string, readonly string[]> = {
  threads: ["base"],
};

/** Verbs that are carried out by way of others; no other folder of `operations/` knows another one. */
const VERBS: Record<string, readonly string[]> = {
  backup: ["prune"], // marks for deletion
  copy: ["prune"],
  drill: ["backup", "browse", "restore"],
  mount: ["browse"],
  page: ["restore", "webdav"],
  prune: ["drill"], // records of drills
  repair: ["backup", "verify"],
  restore: ["browse"],
  webdav: ["browse"],
};

/** Words of the program's text that belong in certain places only. */
const RESERVED: readonly {
  readonly what: string;
  readonly pattern: RegExp;
  readonly isAllowed: (path: string, folder: string) => boolean;
}[] = [
  { what: "Deno.exit", pattern: /\bDeno\.exit\b/, isAllowed: (path) => path === "main.ts" },
  { what: "SQL", pattern: /["']node:sqlite["']/, isAllowed: (_, folder) => folder === "index" },
  {
    what: "Deno.dlopen",
    pattern: /\bDeno\.dlopen\b/,
    isAllowed: (path) => path.startsWith("src/platform/linux/"),
  },
  {
    what: "messages to threads",
    pattern: /\bpostMessage\(|\bonmessage\b|\bnew Worker\(/,
    isAllowed: (_, folder) => folder === "threads",
  },
  {
    what: "clock or chance",
    pattern: /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b/,
    isAllowed: (_, folder) => !["model", "chunk", "blob", "scan", "seal", "index"].includes(folder),
  },
  {
    what: "Deno or files",
    pattern: /\bDeno\.|["']node:fs/,
    isAllowed: (_, folder) => !["model", "chunk", "blob", "seal"].includes(folder),
  },
  {
    what: "network",
    pattern: /["']node:(https?|net|tls)["']|["']@(aws-sdk|smithy)\/|\bfetch\(["'`]/,
    isAllowed: (_, folder) => folder === "store" || folder === "notices",
  },
];

function folderOf(path: string): string {
  if (!path.startsWith("src/")) return path.replace(/\.ts$/, "");
  return path === "src/report/events.ts" ? "events" : path.split("/")[1]!;
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  const beside = BESIDE[to];
  if (beside !== undefined) return beside.by.includes(from);
  if (BESIDE[from] !== undefined) return BESIDE[from].imports.includes(to);
  if (ONLY[from] !== undefined) return ONLY[from].includes(to);
  const layer = (folder: string) => LAYERS.findIndex((layer) => layer.includes(folder));
  return layer(from) >= 0 && layer(to) > layer(from);
}

/** The verb that a file is a part of; `undefined` for one that is a verb by itself, or none. */
function verbOf(path: string): string | undefined {
  return /^src\/operations\/(\w+)\//.exec(path)?.[1];
}

function mayCarryOut(from: string, to: string): boolean {
  const [verb, other] = [verbOf(from), verbOf(to)];
  return verb === undefined || other === undefined || verb === other || (VERBS[verb] ?? []).includes(other);
}

function findFaults(sources: Sources): string[] {
  const faults: string[] = [];
  for (const [path, text] of sources) {
    const folder = folderOf(path);
    for (const imported of importsOf(path, text)) {
      if (!mayImport(folder, folderOf(imported)) || !mayCarryOut(path, imported)) {
        faults.push(`${path} imports ${imported}`);
      }
    }
    for (const { what, pattern, isAllowed } of RESERVED) {
      if (pattern.test(withoutComments(text)) && !isAllowed(path, folder)) {
        faults.push(`${path} uses ${what}`);
      }
    }
  }
  return faults;
}

/** The files of an import cycle, the first of them again at the end; empty where there is none. */
function findCycle(sources: Sources): string[] {
  const done = new Set<string>();
  const visit = (path: string, above: readonly string[]): string[] => {
    if (above.includes(path)) return [...above.slice(above.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const imported of importsOf(path, sources.get(path) ?? "")) {
      const cycle = visit(imported, [...above, path]);
      if (cycle.length > 0) return cycle;
    }
    done.add(path);
    return [];
  };
  for (const path of sources.keys()) {
    const cycle = visit(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

const sources = readSources("src", "main.ts");

Deno.test("every file imports lower layers only, and each reserved word is where it belongs", () => {
  assert.ok(sources.size > 60, `${sources.size} files`);
  assert.deepEqual(findFaults(sources), []);
});

/** The program, and the page that does the same in a browser. */
const all = readSources("src", "page", "main.ts");

Deno.test("no file imports itself by way of others", () => assert.deepEqual(findCycle(all), []));

Deno.test("the program imports nothing of the page", () => {
  const fromPage = [...sources].flatMap(([path, text]) =>
    importsOf(path, text).filter((imported) => imported.startsWith("page/")).map((imported) =>
      `${path}: ${imported}`
    )
  );
  assert.deepEqual(fromPage, []);
});

Deno.test("every imported file is there", () => {
  const missing = [...all].flatMap(([path, text]) =>
    importsOf(path, text).filter((imported) => !all.has(imported)).map((imported) => `${path}: ${imported}`)
  );
  assert.deepEqual(missing, []);
});

Deno.test("every folder of src has its place in the layers", () => {
  const placed = [...LAYERS.flat(), ...Object.keys(BESIDE)];
  const folders = new Set([...sources.keys()].map(folderOf));
  assert.deepEqual([...folders].filter((folder) => !placed.includes(folder)), []);
});

const PLANTED: [path: string, text: string, fault: string][] = [
  ["src/chunk/a.ts", `import { x } from "../blob/zstd.ts";`, "imports src/blob/zstd.ts"],
  ["src/scan/a.ts", `import type { X } from "../index/index.ts";`, "imports src/index/index.ts"],
  [
    "src/model/a.ts",
    `export * from "../operations/backup/options.ts";`,
    "imports src/operations/backup/options.ts",
  ],
  ["src/model/a.ts", `import {\n  c,\n} from "../scan/walk.ts";`, "imports src/scan/walk.ts"],
  ["src/base/a.ts", `import "../model/path.ts";`, "imports src/model/path.ts"],
  ["src/operations/a.ts", `await import("../cli/app.ts");`, "imports src/cli/app.ts"],
  ["src/operations/a.ts", `import { parse } from "../config/config.ts";`, "imports src/config/config.ts"],
  ["src/operations/a.ts", `import { text } from "../report/text.ts";`, "imports src/report/text.ts"],
  ["src/threads/a.ts", `new Worker(new URL("../cli/w.ts", import.meta.url));`, "imports src/cli/w.ts"],
  ["src/read/a.ts", `import { x } from "../operations/purge.ts";`, "imports src/operations/purge.ts"],
  ["src/read/a.ts", `import { x } from "../write/publish.ts";`, "imports src/write/publish.ts"],
  [
    "src/write/a.ts",
    `import { x } from "../operations/backup/backup.ts";`,
    "imports src/operations/backup/backup.ts",
  ],
  ["src/threads/a.ts", `import { x } from "../store/store.ts";`, "imports src/store/store.ts"],
  ["src/scan/a.ts", `import { x } from "../read/hosts.ts";`, "imports src/read/hosts.ts"],
  [
    "src/operations/verify/a.ts",
    `import { x } from "../restore/b.ts";`,
    "imports src/operations/restore/b.ts",
  ],
  ["src/config/a.ts", `import { x } from "../cli/app.ts";`, "imports src/cli/app.ts"],
  ["src/new/a.ts", `import { x } from "../base/bytes.ts";`, "imports src/base/bytes.ts"],
  ["src/cli/a.ts", `if (done) Deno.exit(1);`, "uses Deno.exit"],
  ["src/operations/a.ts", `import { DatabaseSync } from "node:sqlite";`, "uses SQL"],
  ["src/scan/a.ts", `Deno.dlopen("libc.so.6", {});`, "uses Deno.dlopen"],
  ["src/platform/portable/a.ts", `Deno.dlopen("libc.so.6", {});`, "uses Deno.dlopen"],
  ["src/model/a.ts", `const time = Date.now();`, "uses clock or chance"],
  ["src/chunk/a.ts", `const seed = Math.random();`, "uses clock or chance"],
  ["src/blob/a.ts", `const time = new Date();`, "uses clock or chance"],
  ["src/model/a.ts", `Deno.readFileSync("x");`, "uses Deno or files"],
  ["src/seal/a.ts", `import { readFileSync } from "node:fs";`, "uses Deno or files"],
  ["src/operations/a.ts", `import { request } from "node:https";`, "uses network"],
  ["src/operations/a.ts", `port.postMessage({ call: "scann" }, []);`, "uses messages to threads"],
  ["src/read/a.ts", `new Worker(url, { type: "module" });`, "uses messages to threads"],
];

for (const [path, text, fault] of PLANTED) {
  Deno.test(`a planted fault is found: ${path} with ${text.replaceAll("\n", " ")}`, () => {
    assert.deepEqual(findFaults(new Map([[path, text]])), [`${path} ${fault}`]);
  });
}

Deno.test("what comments say is no fault", () => {
  const text = `// Deno.exit ends it.\n/** import x from "../cli/app.ts" */\nconst url = "s3://Deno";`;
  assert.deepEqual(findFaults(new Map([["src/model/a.ts", text]])), []);
});

Deno.test("a planted cycle is found", () => {
  const planted = new Map([
    ["src/base/a.ts", `import "./b.ts";`],
    ["src/base/b.ts", `import "./c.ts"; import "./d.ts";`],
    ["src/base/c.ts", ``],
    ["src/base/d.ts", `import type { B } from "./b.ts";`],
  ]);
  assert.deepEqual(findCycle(planted), ["src/base/b.ts", "src/base/d.ts", "src/base/b.ts"]);
});

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 40;
const MEDIAN_LINES_MAX = 61;

Deno.test("no file has more than 300 lines", () => {
  const written = readSources("src", "page", "tests", "bench", "release", "main.ts");
  const long = [...written].map(([path, text]) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > FILE_LINES_MAX);
  assert.deepEqual(long, []);
});

Deno.test("half of the program's files have 61 lines or fewer", () => {
  const lengths = [...readSources("src").values()].map((text) => text.split("\n").length - 1).sort((a, b) =>
    a - b
  );
  const median = lengths[lengths.length >> 1]!;
  assert.ok(median <= MEDIAN_LINES_MAX, `the median is ${median}`);
});

Deno.test("no function of the program and the page has more than 40 lines", () => {
  const long = [...all].flatMap(([path, text]) =>
    functionLengths(text).filter(({ lines }) => lines > FUNCTION_LINES_MAX).map((found) => ({
      path,
      ...found,
    }))
  );
  assert.deepEqual(long, []);
});

Deno.test("functions are measured from the line that names them to the one that ends them", () => {
  const text = `export async function one(
  a: string,
): Promise<void> {
  if (a) {
    await work(() => {
      done();
    });
  }
}

class Two {
  readonly #three = (b: number) => {
    return b;
  };

  static get four(): number {
    return 4;
  }
}
`;
  assert.deepEqual(functionLengths(text), [
    { line: 1, lines: 9 },
    { line: 5, lines: 3 },
    { line: 12, lines: 3 },
    { line: 16, lines: 3 },
  ]);
});
