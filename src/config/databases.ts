import * as v from "valibot";
import { type CommandConfig, RUN } from "./commands.ts";
import { allowed, needed } from "./refusal.ts";
import { optional, section } from "./section.ts";
import { absolutePath, filePath, flag, list, matching, text } from "./values.ts";

/** A copy of an SQLite database as it is at one moment. */
export interface SqliteConfig {
  /** Where the copy is in the snapshot. */
  readonly path: string;
  readonly database: string;
}

const KINDS = ["postgresql", "mysql", "mariadb", "mongodb", "sqlite"] as const;
type Kind = typeof KINDS[number];
type Server = Exclude<Kind, "sqlite">;

export const DATABASE = "a kind of database with names";
const NAME = "the name of a database";
const ONE_KIND = `one of ${KINDS.join(", ")}, with names`;
const databases = v.pipe(
  list(matching(/^[^/\0-][^/\0]*$/, NAME), NAME),
  v.minLength(1, needed("names of databases")),
);
const files = v.pipe(
  list(filePath("the absolute path of a database"), "the absolute path of a database"),
  v.minLength(1, needed("paths of databases")),
);

export const database = v.pipe(
  section({
    postgresql: optional("databases that pg_dump dumps", databases),
    mysql: optional("databases that mysqldump dumps", databases),
    mariadb: optional("databases that mariadb-dump dumps", databases),
    mongodb: optional("databases that mongodump dumps", databases),
    sqlite: optional("files of SQLite databases that are copied", files),
    globals: optional("with postgresql: roles and tablespaces as well, by pg_dumpall", flag(), true),
    options: optional("arguments for the program that dumps", list(text("an argument"), "arguments"), []),
    path: optional("the directory of the snapshot that the dumps are in", absolutePath(), "/databases"),
    ...RUN,
  }),
  v.check((given) => KINDS.filter((kind) => given[kind] !== undefined).length === 1, allowed(ONE_KIND)),
);

type Given = v.InferOutput<typeof database>;

/** What is run for the databases of one entry. */
export function dumpsOf(given: Given): CommandConfig[] {
  const { env, env_files: envFiles, timeout: timeoutMs, path: directory } = given;
  const dumps = (["postgresql", "mysql", "mariadb", "mongodb"] as const).flatMap((kind) =>
    (given[kind] ?? []).map((name) => ({
      path: `${directory}/${kind}/${name}${SUFFIXES[kind]}`,
      stages: [DUMPS[kind](name, given.options)],
    }))
  );
  if (given.postgresql !== undefined && given.globals) {
    const stages = [["pg_dumpall", "--globals-only", ...given.options]];
    dumps.push({ path: `${directory}/postgresql/globals.sql`, stages });
  }
  return dumps.map((dump) => ({ ...dump, env, envFiles, timeoutMs }));
}

export function copiesOf({ sqlite = [], path }: Given): SqliteConfig[] {
  return sqlite.map((database) => ({ path: `${path}/sqlite${database}`, database }));
}

const SUFFIXES: Readonly<Record<Server, string>> = {
  postgresql: ".dump",
  mysql: ".sql",
  mariadb: ".sql",
  mongodb: ".archive",
};

type Dump = (name: string, options: readonly string[]) => readonly string[];

/** Every dump is one moment of its database, and not compressed: so that what is the same in two dumps is stored once. */
const DUMPS: Readonly<Record<Server, Dump>> = {
  postgresql: (name, options) => [
    ...["pg_dump", "--format=custom", "--compress=0"],
    ...options,
    `--dbname=${name}`,
  ],
  mysql: (name, options) => mysql("mysqldump", name, options),
  mariadb: (name, options) => mysql("mariadb-dump", name, options),
  mongodb: (name, options) => [
    ...["mongodump", "--archive", "--quiet", "--numParallelCollections=1"],
    ...options,
    `--db=${name}`,
  ],
};

/** A statement for each row: where many share one, a row that grows moves all borders between statements behind it. */
const MYSQL = [
  ...["--single-transaction", "--quick", "--skip-extended-insert", "--hex-blob", "--skip-dump-date"],
  ...["--routines", "--events", "--triggers"],
];

/** Files of defaults are to be named first. */
function mysql(program: string, name: string, options: readonly string[]): string[] {
  const isDefaults = (option: string) => /^--(no-)?defaults/.test(option);
  const others = options.filter((option) => !isDefaults(option));
  return [program, ...options.filter(isDefaults), ...MYSQL, ...others, "--", name];
}
