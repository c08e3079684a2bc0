const READY_LIMIT_MS = 30_000;

/** A mount of all snapshots by a process of its own. */
export class RunningMount implements AsyncDisposable {
  /** Of the newest snapshot. */
  readonly path: string;
  readonly #directory: string;
  readonly #process: Deno.ChildProcess;

  /** `command` wants the directory, which is made, as its last argument. */
  static async start(command: readonly string[], directory: string): Promise<RunningMount> {
    await Deno.mkdir(directory, { recursive: true });
    const [program, ...args] = [...command, directory];
    const process = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "inherit" })
      .spawn();
    const deadline = Date.now() + READY_LIMIT_MS;
    for (;;) {
      const hosts = await namesIn(`${directory}/hosts`);
      if (hosts.length > 0) {
        const [set] = await namesIn(`${directory}/hosts/${hosts[0]}`);
        return new RunningMount(directory, `${directory}/hosts/${hosts[0]}/${set}/latest`, process);
      }
      if (Date.now() > deadline) throw new Error(`Cannot mount on ${directory}: not ready`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private constructor(directory: string, path: string, process: Deno.ChildProcess) {
    this.#directory = directory;
    this.path = path;
    this.#process = process;
  }

  /** Most memory that its process has had. */
  get peakBytes(): number {
    const status = Deno.readTextFileSync(`/proc/${this.#process.pid}/status`);
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGINT");
    await this.#process.status;
    await Deno.remove(this.#directory);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
