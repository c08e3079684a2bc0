import { type Identity, Stanza } from "age-encryption";
import { fromBase64, toBase64 } from "../base/bytes.ts";
import { UsageError } from "../base/errors.ts";

// Identities that a program `age-plugin-NAME` opens, by the state machine identity-v1 of c2sp.org/age-plugin.

/** A started plugin. Disposing of it ends it. */
export interface PluginConnection extends AsyncDisposable {
  write(text: string): Promise<void>;
  /** The next line, without its end; `undefined` where there is none any more. */
  readLine(): Promise<string | undefined>;
  /** Ends it, and gives what it said on stderr. */
  complaint(): Promise<string>;
}

/** The person who has the key. Answers are `undefined` where there is no terminal. */
export interface PluginPrompts {
  show(message: string): void;
  askSecret(question: string): Promise<string | undefined>;
  askText(question: string): Promise<string | undefined>;
  confirm(question: string, yes: string, no: string | undefined): Promise<boolean | undefined>;
}

/** The program of an identity `AGE-PLUGIN-NAME-1…`: `age-plugin-name`. Throws `UsageError` where it names none. */
export function pluginProgram(line: string): string {
  const name = /^AGE-PLUGIN-([A-Z0-9+._-]+)-1[A-Z0-9]+$/i.exec(line)?.[1];
  if (name === undefined) throw new UsageError("Cannot use the identity of a plugin: it is damaged");
  return `age-plugin-${name.toLowerCase()}`;
}

/** Base64 of 48 bytes, as in the header of an age file. */
const WRAP_COLUMNS = 64;

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
    try {
      await connection.write(request(this.#line, files));
      return await this.#converse(connection);
    } catch (cause) {
      if (cause instanceof UsageError) throw cause;
      const complaint = (await connection.complaint()).trim();
      throw new UsageError(
        `Cannot open the backup with ${this.#program}: it ended before it was done${
          complaint === "" ? "" : `: ${complaint}`
        }`,
        { cause },
      );
    }
  }

  /** Answers what the plugin asks until it is done; throws `UsageError` where it cannot use the identity. */
  async #converse(connection: PluginConnection): Promise<ReadonlyMap<number, Uint8Array>> {
    const keys = new Map<number, Uint8Array>();
    const faults: string[] = [];
    for (;;) {
      const stanza = await readStanza(connection);
      const [command, ...args] = stanza.args;
      if (command === "done") break;
      if (command === "file-key") keys.set(Number(args[0]), stanza.body);
      if (command === "error") {
        faults.push(new TextDecoder().decode(stanza.body));
      }
      await connection.write(encoded(await this.#answer(command, args, stanza.body)));
    }
    if (faults.length === 0) return keys;
    throw new UsageError(`Cannot open the backup with ${this.#program}: ${faults.join("; ")}`);
  }

  async #answer(command: string, args: readonly string[], body: Uint8Array): Promise<Stanza> {
    const text = new TextDecoder().decode(body);
    const decode = (argument: string) => new TextDecoder().decode(fromBase64(argument));
    switch (command) {
      case "file-key":
      case "error":
        return new Stanza(["ok"], EMPTY);
      case "msg":
        this.#prompts.show(text);
        return new Stanza(["ok"], EMPTY);
      case "request-secret":
        return answerOf(await this.#prompts.askSecret(text));
      case "request-public":
        return answerOf(await this.#prompts.askText(text));
      case "confirm": {
        const [yes, no] = args.map(decode);
        const isYes = await this.#prompts.confirm(text, yes, no);
        return isYes === undefined ? FAIL : new Stanza(["ok", isYes ? "yes" : "no"], EMPTY);
      }
      default:
        return new Stanza(["unsupported"], EMPTY);
    }
  }
}

interface Waiting {
  readonly stanzas: Stanza[];
  readonly resolve: (key: Uint8Array | null) => void;
  readonly reject: (error: unknown) => void;
}

const EMPTY = new Uint8Array(0);
const FAIL = new Stanza(["fail"], EMPTY);

function answerOf(answer: string | undefined): Stanza {
  return answer === undefined ? FAIL : new Stanza(["ok"], new TextEncoder().encode(answer));
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

/** As in the header of an age file: the last line of the body is a short one. */
function encoded({ args, body }: Stanza): string {
  const text = toBase64(body).replace(/=+$/, "");
  const lines = [`-> ${args.join(" ")}`];
  for (let at = 0; at <= text.length; at += WRAP_COLUMNS) {
    lines.push(text.slice(at, at + WRAP_COLUMNS));
  }
  return lines.join("\n") + "\n";
}

/** Throws where the plugin ends, or says what is no stanza. */
async function readStanza(connection: PluginConnection): Promise<Stanza> {
  const first = await connection.readLine();
  if (first === undefined) throw new Error("it ended");
  const [arrow, ...args] = first.split(" ");
  if (arrow !== "->" || args.length === 0) {
    throw new Error("it said what is no stanza");
  }
  let text = "";
  for (;;) {
    const line = await connection.readLine();
    if (line === undefined) throw new Error("it ended");
    text += line;
    if (line.length < WRAP_COLUMNS) return new Stanza(args, fromBase64(text));
  }
}
