import { type Channels, endMessages, type HttpMessage, isReported, startMessages } from "./messages.ts";
import type { RunOutcome } from "./outcome.ts";
import { linesOf, titleOf } from "./outcome_text.ts";
import { NoticeError, sendHttp, sendMail } from "./send.ts";

export interface NotifierOptions {
  readonly channels: Channels;
  /** Addresses; none means no mail. */
  readonly mailTo: readonly string[];
  /** Path of the program that takes mails. */
  readonly sendmail: string;
  readonly details: boolean;
  readonly always: boolean;
  /** Of each notice. They go out at the same time, so all of them together take no longer. */
  readonly timeoutMs: number;
}

/** Tells others of one run. Nothing that they do, or do not do, makes it fail: what did not arrive is a warning. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #warn: (text: string) => void;
  readonly #started = new AbortController();
  #starting: Promise<void> = Promise.resolve();

  constructor(options: NotifierOptions, warn: (text: string) => void) {
    this.#options = options;
    this.#warn = warn;
  }

  /** A run begins; it does not wait for this. */
  start(): void {
    this.#starting = this.#sendAll(startMessages(this.#options.channels), this.#started.signal);
  }

  /** The run has ended. Resolves when all has arrived or its time is over. A start that has not arrived by now is not sent any more. */
  async end(outcome: RunOutcome): Promise<void> {
    this.#started.abort(new NoticeError("the run was over before it answered"));
    await this.#starting;
    const messages = endMessages(this.#options.channels, outcome, this.#options);
    await Promise.all([this.#sendAll(messages, new AbortController().signal), this.#mail(outcome)]);
  }

  async #sendAll(
    messages: readonly [channel: string, message: HttpMessage][],
    signal: AbortSignal,
  ): Promise<void> {
    await Promise.all(
      messages.map(([channel, message]) =>
        this.#orWarn(channel, () => sendHttp(message, this.#options.timeoutMs, signal))
      ),
    );
  }

  async #mail(outcome: RunOutcome): Promise<void> {
    const { mailTo: to, sendmail, timeoutMs, details } = this.#options;
    if (to.length === 0 || !isReported(outcome, this.#options)) return;
    const mail = { to, subject: titleOf(outcome), text: linesOf(outcome, details).join("\n") };
    await this.#orWarn("mail", () => sendMail(sendmail, mail, outcome.finishedAt, timeoutMs));
  }

  async #orWarn(channel: string, send: () => Promise<void>): Promise<void> {
    try {
      await send();
    } catch (error) {
      if (!(error instanceof NoticeError)) throw error;
      this.#warn(`could not notify ${channel}: ${error.message}`);
    }
  }
}
