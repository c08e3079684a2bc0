import { type Identity, Stanza } from "age-encryption";
import { UsageError } from "../base/errors.ts";
import { converse, EMPTY, encoded, type PluginConnection, type PluginPrompts } from "./plugin_protocol.ts";

// Identities that a program `age-plugin-NAME` opens, by the state machine identity-v1 of c2sp.org/age-plugin.

/** The program of an identity `AGE-PLUGIN-NAME-1…`: `age-plugin-name`. Throws `UsageError` where it names none. */
export function pluginProgram(line: string): string {
  const name = /^AGE-PLUGIN-([A-Z0-9+._-]+)-1[A-Z0-9]+$/i.exec(line)?.[1];
  if (name === undefined) throw new UsageError("Cannot use the identity of a plugin: it is damaged");
  return `age-plugin-${name.toLowerCase()}`;
}

/** An identity `AGE-PLUGIN-NAME-1…`. Headers that wait are opened together, so that one process serves many. */
export class PluginIdentity implements Identity {
  readonly #line: string;
  readonly #program: string;
  readonly #start: (program: string) => PluginConnection;
  readonly #prompts: PluginPrompts;
  #waiting: Waiting[] = [];
  #isRunning = false;

  /** `start` throws `UsageError` where there is no such program. Throws it where `line` names none. */
  constructor(line: string, start: (program: string) => PluginConnection, prompts: PluginPrompts) {
    this.#program = pluginProgram(line);
    this.#line = line.toUpperCase();
    this.#start = start;
    this.#prompts = prompts;
  }

  unwrapFileKey(stanzas: Stanza[]): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ stanzas, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const keys = await this.#unwrap(batch.map(({ stanzas }) => stanzas));
        batch.forEach(({ resolve }, i) => resolve(keys.get(i) ?? null));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isRunning = false;
  }

  async #unwrap(files: readonly Stanza[][]): Promise<ReadonlyMap<number, Uint8Array>> {
    await using connection = this.#start(this.#program);
    const keys = new Map<number, Uint8Array>();
    const take = ({ args: [command, file], body }: Stanza) => {
      if (command !== "file-key") return false;
      keys.set(Number(file), body);
      return true;
    };
    await converse(connection, {
      request: request(this.#line, files),
      cannot: `Cannot open the backup with ${this.#program}`,
      prompts: this.#prompts,
      take,
    });
    return keys;
  }
}

interface Waiting {
  readonly stanzas: Stanza[];
  readonly resolve: (key: Uint8Array | null) => void;
  readonly reject: (error: unknown) => void;
}

function request(identity: string, files: readonly Stanza[][]): string {
  const lines = [encoded(new Stanza(["add-identity", identity], EMPTY))];
  files.forEach((stanzas, file) => {
    for (const { args, body } of stanzas) {
      lines.push(encoded(new Stanza(["recipient-stanza", String(file), ...args], body)));
    }
  });
  return lines.join("") + encoded(new Stanza(["done"], EMPTY));
}
