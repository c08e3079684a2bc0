import { InterruptedError, UsageError } from "../base/errors.ts";
import { interruptible } from "../base/interruptible.ts";
import type { Io } from "./io.ts";

/** Questions on a terminal, each with an answer that Enter alone gives. */
export class Conversation {
  readonly #io: Io;

  /** `io` can ask. */
  constructor(io: Io) {
    this.#io = io;
  }

  say(text: string): void {
    this.#io.stderr(`${text}\n`);
  }

  /** The answer, `fallback` for an empty one. Throws `UsageError` at the end of the input. */
  async ask(question: string, fallback = ""): Promise<string> {
    const { signal, ask } = this.#io;
    const shown = fallback === "" ? "" : ` [${fallback}]`;
    const line = await interruptible(signal, ask!(`${question}${shown}: `));
    if (line === "") throw new UsageError("Cannot go on: the answers ended; nothing was written");
    return line.trim() || fallback;
  }

  /** Asks until `read` takes the answer; what it throws is shown. */
  async until<T>(question: string, fallback: string, read: (answer: string) => T | Promise<T>): Promise<T> {
    for (;;) {
      const answer = await this.ask(question, fallback);
      try {
        return await read(answer);
      } catch (error) {
        if (error instanceof InterruptedError || !(error instanceof Error)) throw error;
        this.say(`  ${error.message}`);
      }
    }
  }

  async choose<const Words extends readonly string[]>(
    question: string,
    words: Words,
    fallback: Words[number],
  ): Promise<Words[number]> {
    return await this.until(`${question} (${words.join(", ")})`, fallback, (answer) => {
      const found = words.filter((word) => word.startsWith(answer.toLowerCase()));
      if (found.length === 1) return found[0]!;
      throw new UsageError(`allowed is ${words.join(", ")}`);
    });
  }

  async agrees(question: string): Promise<boolean> {
    return await this.choose(question, ["yes", "no"], "yes") === "yes";
  }
}
