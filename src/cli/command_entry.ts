export interface OptionEntry {
  /** As help shows them: `-q, --quiet`. */
  readonly flags: string;
  /** `-q`, `--quiet`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** The only values, where there are such. */
  readonly choices: readonly string[];
}

/** A command, or a group of them. */
export interface CommandEntry {
  /** As typed after the program's name: `snapshot list`; empty for the program itself. */
  readonly path: string;
  readonly summary: string;
  readonly details?: string;
  /** Its arguments: `<id> [path...]`. */
  readonly args: string;
  /** Words that its arguments may be. */
  readonly words: readonly string[];
  /** Commands below it. */
  readonly commands: readonly string[];
  /** Without those that every command takes, but for the program itself. */
  readonly options: readonly OptionEntry[];
  /** Exit codes that it has beside 0, 1, 2 and 130. */
  readonly exits: readonly number[];
  readonly example?: string;
}
