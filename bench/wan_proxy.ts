import { atLeast } from "../src/base/at_least.ts";

/** How far and how fast a line is. */
export interface Line {
  readonly roundTripMs: number;
  /** Of each connection, each way. */
  readonly bytesPerSecond: number;
}

/** What is read at a time: so much of the line's time, so that the proxy, which runs on the tools' processors, takes little of them. */
const PIECE_MS = 5;
const MOST_PIECE_BYTES = 256 << 10;
/** What is not due for so long is not read yet: the sender meets the rate by waiting, as on a real line. */
const AHEAD_MS = 20;

interface Piece {
  readonly dueMs: number;
  readonly buffer: Uint8Array;
  readonly length: number;
}

/** Passes connections on to a server on 127.0.0.1, as if it were far: each byte comes later, and no faster than the line is. */
export class WanProxy implements AsyncDisposable {
  readonly endpoint: string;
  /** Both ways, so far. */
  bytes = 0;
  readonly #line: Line;
  readonly #port: number;
  readonly #pieceBytes: number;
  /** Used again: to make them takes longer than to carry what is in them. */
  readonly #buffers: Uint8Array[] = [];
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #accepting: Promise<void>;

  constructor(server: string, line: Line) {
    this.#port = Number(new URL(server).port);
    this.#line = line;
    this.#pieceBytes = Math.min(MOST_PIECE_BYTES, Math.ceil(line.bytesPerSecond * PIECE_MS / 1000));
    this.endpoint = `http://127.0.0.1:${this.#listener.addr.port}`;
    this.#accepting = this.#accept();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) this.#serve(client).catch(() => {});
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    await sleep(this.#line.roundTripMs); // the handshake
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
    client.setNoDelay(true);
    server.setNoDelay(true);
    await Promise.allSettled([this.#carry(client, server), this.#carry(server, client)]);
    for (const connection of [client, server]) connection.close();
  }

  async #carry(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const pieces = new Queue();
    await Promise.all([this.#read(from, pieces), this.#write(to, pieces)]);
  }

  async #read(from: Deno.TcpConn, pieces: Queue): Promise<void> {
    const { roundTripMs, bytesPerSecond } = this.#line;
    let sentMs = performance.now();
    try {
      for (;;) {
        const buffer = this.#buffers.pop() ?? new Uint8Array(this.#pieceBytes);
        const count = await from.read(buffer);
        if (count === null) return;
        this.bytes += count;
        sentMs = Math.max(sentMs, performance.now()) + count / bytesPerSecond * 1000;
        pieces.put({ dueMs: sentMs + roundTripMs / 2, buffer, length: count });
        await sleep(sentMs - performance.now() - AHEAD_MS);
      }
    } finally {
      pieces.end();
    }
  }

  async #write(to: Deno.TcpConn, pieces: Queue): Promise<void> {
    try {
      for (let piece = await pieces.take(); piece !== undefined; piece = await pieces.take()) {
        const { dueMs, buffer, length } = piece;
        await sleep(dueMs - performance.now());
        for (let done = 0; done < length;) done += await to.write(buffer.subarray(done, length));
        this.#buffers.push(buffer);
      }
    } finally {
      await to.closeWrite().catch(() => {});
    }
  }
}

/** What is on the line. */
class Queue {
  readonly #pieces: Piece[] = [];
  #isEnded = false;
  #wake: () => void = () => {};

  put(piece: Piece): void {
    this.#pieces.push(piece);
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** `undefined` at the end. */
  async take(): Promise<Piece | undefined> {
    while (this.#pieces.length === 0 && !this.#isEnded) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#pieces.shift();
  }
}

function sleep(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}

/** `80,12.5`: milliseconds there and back, and megabytes a second. */
export function parseLine(text: string): Line {
  const [roundTripMs, rate] = atLeast(2, text.split(",").map(Number));
  return { roundTripMs, bytesPerSecond: rate * 1e6 };
}
