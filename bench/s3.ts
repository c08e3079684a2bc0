import { join } from "node:path";

const READY_LIMIT_MS = 20_000;

/** versitygw on a directory, on 127.0.0.1. */
export class BenchS3 implements AsyncDisposable {
  readonly credentials = { AWS_ACCESS_KEY_ID: "AKIDBENCH", AWS_SECRET_ACCESS_KEY: "SECRETBENCH" };
  /** Where tools are sent: the server, or a proxy in front of it. */
  endpoint: string;
  readonly #directory: string;
  readonly #port = freePort();
  readonly #server: Deno.ChildProcess;

  private constructor(binary: string, directory: string) {
    this.#directory = directory;
    this.endpoint = `http://127.0.0.1:${this.#port}`;
    const { AWS_ACCESS_KEY_ID: access, AWS_SECRET_ACCESS_KEY: secret } = this.credentials;
    this.#server = new Deno.Command(binary, {
      args: [
        ...["--access", access, "--secret", secret, "--port", `127.0.0.1:${this.#port}`],
        ...["--keep-alive", "--quiet", "--access-log", `${directory}.log`, "posix", directory],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  static async start(binary: string, directory: string): Promise<BenchS3> {
    await Deno.mkdir(directory, { recursive: true });
    const server = new BenchS3(binary, directory);
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!await canConnect(server.#port)) {
      if (Date.now() > deadline) throw new Error(`Cannot start ${binary}: not ready`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return server;
  }

  /** Requests that the server has answered so far. */
  async requests(): Promise<number> {
    const log = await Deno.readTextFile(`${this.#directory}.log`);
    return log.split("\n").length - 1;
  }

  bucketDirectory(bucket: string): string {
    return join(this.#directory, bucket);
  }

  resticUrl(bucket: string): string {
    return `s3:${this.endpoint}/${bucket}`;
  }

  /** The `s3` section of a configuration. */
  section(bucket: string): Record<string, unknown> {
    return {
      bucket,
      endpoint: this.endpoint,
      access_key_id: this.credentials.AWS_ACCESS_KEY_ID,
      secret_access_key: this.credentials.AWS_SECRET_ACCESS_KEY,
      use_ssl: false,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.kill();
    await this.#server.status;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function canConnect(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
