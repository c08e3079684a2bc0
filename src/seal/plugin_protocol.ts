import { Stanza } from "age-encryption";
import { fromBase64, toBase64 } from "../base/bytes.ts";
import { UsageError } from "../base/errors.ts";

// How a client speaks with a program `age-plugin-NAME`: c2sp.org/age-plugin.

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

/** Base64 of 48 bytes, as in the header of an age file. */
const WRAP_COLUMNS = 64;

export const EMPTY = new Uint8Array(0);
const OK = new Stanza(["ok"], EMPTY);
const FAIL = new Stanza(["fail"], EMPTY);

/** The answer to what a plugin asks of a person, or to what is no command. Without `prompts` there is no person. */
async function answerTo({ args, body }: Stanza, prompts: PluginPrompts | undefined): Promise<Stanza> {
  const [command, ...rest] = args;
  const text = new TextDecoder().decode(body);
  const decode = (argument: string) => new TextDecoder().decode(fromBase64(argument));
  switch (command) {
    case "msg":
      prompts?.show(text);
      return prompts === undefined ? FAIL : OK;
    case "request-secret":
      return answerOf(await prompts?.askSecret(text));
    case "request-public":
      return answerOf(await prompts?.askText(text));
    case "confirm": {
      const [yes, no] = rest.map(decode);
      if (yes === undefined) return FAIL;
      const isYes = await prompts?.confirm(text, yes, no);
      return isYes === undefined ? FAIL : new Stanza(["ok", isYes ? "yes" : "no"], EMPTY);
    }
    default:
      return new Stanza(["unsupported"], EMPTY);
  }
}

function answerOf(answer: string | undefined): Stanza {
  return answer === undefined ? FAIL : new Stanza(["ok"], new TextEncoder().encode(answer));
}

/** As in the header of an age file: the last line of the body is a short one. */
export function encoded({ args, body }: Stanza): string {
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

/** What is asked of a plugin. */
export interface Conversation {
  /** All stanzas of the first turn, as text. */
  readonly request: string;
  /** How the message begins that says what went wrong. */
  readonly cannot: string;
  /** Absent: no person is asked. */
  readonly prompts?: PluginPrompts;
  /** Keeps what the plugin gives; false where that is none of what it can give. */
  readonly take: (given: Stanza) => boolean;
}

/** Sends the request and answers what the plugin says until it is done. Throws `UsageError` where it fails, or ends before. */
export async function converse(connection: PluginConnection, conversation: Conversation): Promise<void> {
  try {
    await connection.write(conversation.request);
    await answerAll(connection, conversation);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const complaint = (await connection.complaint()).trim();
    const why = complaint === "" ? "" : `: ${complaint}`;
    throw new UsageError(`${conversation.cannot}: it ended before it was done${why}`, { cause });
  }
}

async function answerAll(
  connection: PluginConnection,
  { cannot, prompts, take }: Conversation,
): Promise<void> {
  const faults: string[] = [];
  for (;;) {
    const said = await readStanza(connection);
    const [command] = said.args;
    if (command === "done") break;
    if (command === "error") faults.push(new TextDecoder().decode(said.body));
    const isTaken = command === "error" || take(said);
    await connection.write(encoded(isTaken ? OK : await answerTo(said, prompts)));
  }
  if (faults.length > 0) throw new UsageError(`${cannot}: ${faults.join("; ")}`);
}
