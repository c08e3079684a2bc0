import { bech32 } from "@scure/base";
import { type Recipient, Stanza } from "age-encryption";
import { UsageError } from "../base/errors.ts";
import { PluginProcess } from "../platform/plugin_process.ts";
import { converse, EMPTY, encoded, type PluginConnection } from "./plugin_protocol.ts";

// Recipients `age1NAME1…` that a program `age-plugin-NAME` seals to, by the state machine recipient-v1 of c2sp.org/age-plugin.

const PREFIX = "age1";
/** What age-encryption seals to itself. */
const BUILT_IN = ["", "pq", "tag", "tagpq"];
/** bech32 forbids more than 90, which recipients do not keep to. */
const LENGTH_MAX = 10_000;

/** The program that seals to `recipient`; `undefined` where it takes none, or where it is damaged. */
export function pluginOf(recipient: string): string | undefined {
  const decoded = bech32.decodeUnsafe(recipient, LENGTH_MAX);
  if (decoded === undefined || !decoded.prefix.startsWith(PREFIX)) return undefined;
  const name = decoded.prefix.slice(PREFIX.length);
  return BUILT_IN.includes(name) || !/^[a-z0-9+._-]+$/.test(name) ? undefined : `age-plugin-${name}`;
}

/** How a plugin is started to seal. Throws `UsageError` where there is no such program. */
export type StartPlugin = (program: string) => PluginConnection;

const startHere: StartPlugin = (program) => new PluginProcess(program, ["--age-plugin=recipient-v1"], {});

/** Seals file keys with one start of its program each. No person is asked: a backup runs by itself. */
export class PluginRecipient implements Recipient {
  readonly #recipient: string;
  readonly #program: string;
  readonly #start: StartPlugin;
  /** What the plugin said last that all recipients of a file must have in common: `postquantum`. */
  labels: readonly string[] = [];

  /** Throws where `recipient` names no plugin. */
  constructor(recipient: string, start = startHere) {
    const program = pluginOf(recipient);
    if (program === undefined) throw new Error("not the recipient of a plugin");
    this.#recipient = recipient;
    this.#program = program;
    this.#start = start;
  }

  async wrapFileKey(fileKey: Uint8Array): Promise<Stanza[]> {
    await using connection = this.#start(this.#program);
    const cannot = `Cannot seal a backup with ${this.#program}`;
    const stanzas: Stanza[] = [];
    const take = ({ args: [command, ...args], body }: Stanza) => {
      if (command === "recipient-stanza") stanzas.push(new Stanza(args.slice(1), body));
      else if (command === "labels") this.labels = args;
      else return false;
      return true;
    };
    await converse(connection, { request: request(this.#recipient, fileKey), cannot, take });
    if (stanzas.length === 0) throw new UsageError(`${cannot}: it sealed nothing`);
    return stanzas;
  }
}

function request(recipient: string, fileKey: Uint8Array): string {
  return [
    new Stanza(["add-recipient", recipient], EMPTY),
    new Stanza(["wrap-file-key"], fileKey),
    new Stanza(["extension-labels"], EMPTY),
    new Stanza(["done"], EMPTY),
  ].map(encoded).join("");
}
