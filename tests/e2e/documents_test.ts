import assert from "node:assert/strict";
import { join } from "node:path";
import { type Block, blocksOf, isConfiguration } from "../papers/blocks.ts";
import { NOT_TYPED } from "../papers/not_typed.ts";
import { pagesBelow, ROOT } from "../papers/pages.ts";
import { isInstalled } from "../../release/installed.ts";
import { Reader } from "./reader.ts";
import { BINARY } from "./vaultik.ts";

// Every line of a shell that README and docs show is typed into one, page by page and in order, or is in the table of not_typed.ts with
// the reason. Parts of configurations are checked by tests/papers/configuration_test.ts.

/** Pages that the program prints, and formats for who writes a program. */
const OTHERS = /^(docs\/reference\/|src\/)/;
/** A program that serves until it is stopped. */
const ENDLESS = /^vaultik (browse --identity|status --watch)/;

/** What is typed in addition: an answer to what the command would ask, and a unit of this user's own in the place of the machine's. */
const ADDED: readonly (readonly [RegExp, string])[] = [
  [/^vaultik host forget (web1|ID)$/, " --force"],
  [/^vaultik service install/, " --user"],
];

interface Page {
  /** What is there before the first line is typed; a key and two backups without it. */
  readonly prepare?: (reader: Reader) => Promise<void>;
  /** Nothing is there, not even the program. */
  readonly isFromNothing?: boolean;
  /** Programs that its lines are about; `.ci/run` installs them. */
  readonly needs?: readonly string[];
  /** What happens between the lines: before the line that begins so this is typed. */
  readonly between?: Readonly<Record<string, string>>;
}

const nothing = () => Promise.resolve();

const PAGES: Readonly<Record<string, Page>> = {
  "README.md": { prepare: nothing, isFromNothing: true },
  "docs/first-backup.md": { prepare: nothing },
  "docs/install.md": { prepare: nothing, isFromNothing: true },
  "docs/databases.md": { prepare: withDatabases, needs: ["sqlite3"] },
  "docs/recovery.md": { needs: ["age", "zstd", "python3"] },
  "docs/fleet.md": { prepare: withOtherHost },
  "docs/copies.md": { prepare: withOtherStore, needs: ["rclone"] },
  "docs/keys.md": {
    needs: ["age", "age-keygen"],
    prepare: withCard,
    between: {
      "age -R": "cp first.txt key.txt",
      "vaultik key verify": "cp first.txt key.txt",
      "vaultik key join": "rm key.txt",
    },
  },
};

/** Dumps as {@link Reader} makes them, and a database of SQLite. */
async function withDatabases(reader: Reader): Promise<void> {
  await reader.backUpTwice();
  await reader.type("sqlite3 /srv/app/app.db 'create table t (x)'");
  const dump = (path: string) => `{path: ${path}, command: [${reader.at("/bin/pg_dump")}]}`;
  const paths = [
    "app.sql",
    "postgresql/globals.sql",
    "postgresql/app.dump",
    "mariadb/shop.sql",
    "mongodb/events.archive",
  ];
  const commands = paths.map((path) => dump(`/databases/${path}`)).join(", ");
  await reader.write(
    "/etc/databases.yml",
    `
include: config.yml
snapshots:
  databases: {commands: [${commands}], databases: [{sqlite: [${reader.at("/srv/app/app.db")}]}]}
`,
  );
  await reader.call(["snapshot", "create", "databases"], { config: "/etc/databases.yml" });
}

/** A host web1 in the same store, of which the name is public. */
async function withOtherHost(reader: Reader): Promise<void> {
  await reader.backUpTwice("admin");
  const own = hostsIn(reader);
  await reader.write(
    "/etc/web1.yml",
    `include: config.yml\nhostname: web1\nnames: public\nindex_path: ${reader.at("/state/web1.sqlite")}\n`,
  );
  await reader.call(["snapshot", "create"], { config: "/etc/web1.yml" });
  reader.host = hostsIn(reader).find((host) => !own.includes(host))!;
}

function hostsIn(reader: Reader): string[] {
  return [...Deno.readDirSync(reader.at("/store/hosts"))].map(({ name }) => name);
}

async function withOtherStore(reader: Reader): Promise<void> {
  await reader.backUpTwice();
  await Deno.mkdir(reader.at("/elsewhere"));
  await reader.write("/desk/elsewhere.yml", `storage_url: "file://${reader.at("/elsewhere")}"\n`);
}

/** An age key in the place of the one on a card. */
async function withCard(reader: Reader): Promise<void> {
  await reader.backUpTwice();
  await reader.type("age-keygen -o card.txt && age-keygen -y card.txt > id_card.pub && mv key.txt first.txt");
}

/** Lines of a block, without comments and those that go on in the next line. */
function linesOf({ text }: Block): string[] {
  return text.split("\n").map((line) => line.replace(/(^|\s+)#\s.*$/, "").trimEnd()).filter((line) =>
    line !== ""
  );
}

function isLeftOut(page: string, line: string): boolean {
  return NOT_TYPED.some(([of, beginning]) => of === page && line.startsWith(beginning));
}

const blocks = pagesBelow().flatMap(blocksOf).filter(({ page }) => !OTHERS.test(page));
const typed = blocks.filter((block) => !isConfiguration(block) && !block.text.startsWith("{")).flatMap((
  block,
) => linesOf(block).map((line) => ({ page: block.page, line })));

Deno.test("the table of what is not typed has nothing that no page shows", () => {
  const unused = NOT_TYPED.filter(([page, beginning]) =>
    !typed.some((line) => line.page === page && line.line.startsWith(beginning))
  );
  assert.deepEqual(unused, []);
});

async function firstMissing(programs: readonly string[]): Promise<string> {
  for (const program of programs) if (!await isInstalled(program)) return program;
  return "";
}

async function typePage(page: string, reader: Reader): Promise<void> {
  const { prepare = (reader: Reader) => reader.backUpTwice(), between = {} } = PAGES[page] ?? {};
  await prepare(reader);
  for (const { line } of typed.filter((of) => of.page === page && !isLeftOut(page, of.line))) {
    for (const [beginning, command] of Object.entries(between)) {
      if (line.startsWith(beginning)) await reader.type(command);
    }
    if (/ \/mnt\/restored( |$)/.test(line) && !line.includes("--overwrite")) {
      await reader.type("rm -rf /mnt/restored");
    }
    const added = ADDED.find(([pattern]) => pattern.test(line))?.[1] ?? "";
    if (ENDLESS.test(line)) {
      await reader.type(`timeout --preserve-status -s INT 2 ${line}`, { codes: [0, 130] });
    } else await reader.type(line + added);
  }
}

for (
  const page of new Set(typed.filter(({ page, line }) => !isLeftOut(page, line)).map(({ page }) => page))
) {
  // From its source the program starts slowly: there the README alone is typed.
  const isSlow = BINARY === undefined && page !== "README.md";
  const missing = await firstMissing(PAGES[page]?.needs ?? []);
  const isInstalled = !PAGES[page]?.isFromNothing;
  Deno.test({
    name: `every line of a shell that ${page} shows does what it says${
      missing && ` (${missing} is not installed)`
    }`,
    ignore: isSlow || missing !== "",
    fn: async () => {
      await using reader = await Reader.open({ isInstalled });
      await typePage(page, reader);
      if (page !== "README.md") return;
      const restored = reader.at(`/mnt/restored${reader.at("/etc/hosts")}`);
      assert.equal(await Deno.readTextFile(restored), await Deno.readTextFile(reader.at("/etc/hosts")));
    },
  });
}

Deno.test("from nothing to a restored file are at most six commands of the README", () => {
  const readme = Deno.readTextFileSync(join(ROOT, "README.md"));
  const start = readme.indexOf("## First backup");
  const section = readme.slice(start, readme.indexOf("\n## ", start));
  const lines = typed.filter(({ page, line }) => page === "README.md" && section.includes(line));
  const commands = lines.flatMap(({ line }) => line.split(" && "));
  assert.match(commands[0]!, /task compile/);
  assert.match(commands.at(-1)!, /^vaultik restore /);
  assert.ok(commands.length <= 6, commands.join("\n"));
});
