import { toJson } from "../report/json.ts";
import type { Io } from "./io.ts";

/** Rows that are brought into columns together. */
const BATCH = 500;

/** Prints a table, or with `--json` one array, row by row: there may be very many. */
export class Rows {
  readonly #io: Io;
  readonly #isJson: boolean;
  readonly #right: readonly number[];
  readonly #widths: number[] = [];
  #batch: (readonly string[])[] = [];
  #count = 0;

  /** Columns listed in `right` are numbers. */
  constructor(io: Io, options: { readonly json?: boolean }, right: readonly number[] = []) {
    this.#io = io;
    this.#isJson = options.json ?? false;
    this.#right = right;
  }

  /** Rows with a value so far. */
  get count(): number {
    return this.#count;
  }

  /** A row, as the value that programs read and as the cells that people see, if they do. */
  add(value: object, cells?: readonly string[]): void {
    if (this.#isJson) this.#io.stdout(`${this.#count === 0 ? "[" : ",\n"}${toJson(value)}`);
    else if (cells !== undefined) this.text(cells);
    this.#count++;
  }

  /** A row for people only. */
  text(cells: readonly string[]): void {
    if (this.#isJson) return;
    this.#batch.push(cells);
    if (this.#batch.length >= BATCH) this.#print();
  }

  /** A line for people that is in no column. */
  line(text: string): void {
    if (this.#isJson) return;
    this.#print();
    this.#widths.length = 0;
    this.#io.stdout(text + "\n");
  }

  end(): void {
    if (this.#isJson) this.#io.stdout(this.#count === 0 ? "[]\n" : "]\n");
    else this.#print();
  }

  #print(): void {
    if (this.#batch.length === 0) return;
    for (const cells of this.#batch) {
      cells.forEach((cell, i) => this.#widths[i] = Math.max(this.#widths[i] ?? 0, cell.length));
    }
    this.#io.stdout(this.#batch.map((cells) => this.#lineOf(cells) + "\n").join(""));
    this.#batch = [];
  }

  #lineOf(cells: readonly string[]): string {
    const padded = cells.map((cell, i) =>
      this.#right.includes(i) ? cell.padStart(this.#widths[i]!) : cell.padEnd(this.#widths[i]!)
    );
    return padded.join("  ").trimEnd();
  }
}
