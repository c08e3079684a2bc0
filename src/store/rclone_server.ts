import { atLeast } from "../base/at_least.ts";
import { toHex } from "../base/bytes.ts";
import { delay } from "../base/clock.ts";
import { EnvironmentError, UsageError } from "../base/errors.ts";

export interface RcloneOptions {
  /** Default: the one in `PATH`. */
  readonly program?: string;
  /** Added to this process's environment, which tells rclone where its configuration is. */
  readonly rcloneEnv?: Readonly<Record<string, string>>;
}

/** An rclone that takes our calls and no one else's, until it is disposed of or this process is gone. */
export interface RcloneServer extends AsyncDisposable {
  readonly url: string;
  /** Where the server listens on a socket; `undefined` where it listens on 127.0.0.1. */
  readonly client: Deno.HttpClient | undefined;
  readonly authorization: string;
  /** A directory that only this user can enter, for files on their way. */
  readonly directory: string;
  /** Why it does not answer any more. */
  readonly ended: EnvironmentError | undefined;
}

const OLDEST = "1.60";
/** Older ones listen on TCP ports only. */
const FIRST_WITH_SOCKETS = [1, 61];
const READY_LIMIT_MS = 30_000;
const POLL_MS = 10;
const SECRET_BYTES = 24;
/** What rclone said last, for the message when it fails. */
const KEPT_LINES = 5;

/**
 * Runs `"$@"` until standard input ends, which it does with the process that holds the other end, however that dies. A TERM first
 * lets rclone finish what it writes to its configuration.
 */
const KEEPER = `dir=$1; shift
exec 3<&0
"$@" </dev/null 3<&- & rclone=$!
{ read -r _ <&3; kill "$rclone"; sleep 2; kill -9 "$rclone"; } >/dev/null 2>&1 & keeper=$!
exec 3<&-
wait "$rclone"; code=$?
kill "$keeper" 2>/dev/null
rm -rf "$dir"
exit "$code"`;

/** Settings of rclone that the store builds on, whatever the user's own are. */
const SETTINGS = {
  // A transfer that was asked for takes place, and is checked by size and, where the remote has one, by hash.
  RCLONE_IGNORE_TIMES: "true",
  RCLONE_IGNORE_EXISTING: "false",
  RCLONE_IGNORE_SIZE: "false",
  RCLONE_IGNORE_CHECKSUM: "false",
  // Objects that must not be seen before they are whole are renamed by us, also where rclone is too old to do it.
  RCLONE_INPLACE: "true",
  // Times come with a listing, instead of by a request for each object.
  RCLONE_USE_SERVER_MODTIME: "true",
};

/** By these rclone does not list, copy or remove what it is asked to. */
const LEAVING_OUT =
  /^RCLONE_(((METADATA_)?(EXCLUDE|INCLUDE|FILTER)|FILES_FROM)(_\w+)?|HASH_FILTER|(MIN|MAX)_(SIZE|AGE)|MAX_(DEPTH|DELETE|DELETE_SIZE|TRANSFER|DURATION)|DRY_RUN|INTERACTIVE|IMMUTABLE|(COMPARE|COPY)_DEST|BACKUP_DIR|SUFFIX)$/;

const SERVE = [
  "rcd",
  "--rc-serve",
  "--ask-password=false",
  "--log-level=NOTICE",
  "--log-file=",
  "--use-json-log=false",
];

/** Starts `rclone rcd`. Throws `UsageError` where rclone is missing or too old. */
export async function startRclone(options: RcloneOptions): Promise<RcloneServer> {
  const program = options.program ?? "rclone";
  const environment = forRclone({ ...Deno.env.toObject(), ...options.rcloneEnv });
  const version = await rcloneVersion(program, environment);
  const directory = await Deno.makeTempDir({ prefix: "vaultik-rclone-" });
  const hasSockets = version[0] > FIRST_WITH_SOCKETS[0]! || version[1] >= FIRST_WITH_SOCKETS[1]!;
  const socket = hasSockets ? `${directory}/socket` : undefined;
  const user = secret();
  const password = secret();
  const child = new Deno.Command("sh", {
    args: [
      ...["-c", KEEPER, "sh", directory, program, ...SERVE],
      `--rc-addr=${socket === undefined ? "127.0.0.1:0" : `unix://${socket}`}`,
    ],
    clearEnv: true,
    env: {
      ...environment,
      ...SETTINGS,
      RCLONE_RC_USER: user,
      RCLONE_RC_PASS: password,
    },
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
    // A session of its own: Ctrl-C is for us, who then finish in good order.
    detached: true,
  }).spawn();
  return await Server.whenReady(child, {
    directory,
    socket,
    authorization: `Basic ${btoa(`${user}:${password}`)}`,
  });
}

interface ServerPlace {
  readonly directory: string;
  readonly socket: string | undefined;
  readonly authorization: string;
}

class Server implements RcloneServer {
  readonly #child: Deno.ChildProcess;
  readonly #lines: string[] = [];
  readonly #output: Promise<void>;
  readonly #ready = Promise.withResolvers<string>();
  readonly directory: string;
  readonly authorization: string;
  readonly client: Deno.HttpClient | undefined;
  url = "";
  ended: EnvironmentError | undefined;

  private constructor(child: Deno.ChildProcess, at: ServerPlace) {
    this.#child = child;
    this.directory = at.directory;
    this.authorization = at.authorization;
    if (at.socket !== undefined) {
      this.client = Deno.createHttpClient({ proxy: { transport: "unix", path: at.socket } });
      this.#awaitSocket(at.socket);
    }
    this.#output = this.#readOutput();
    child.status.then(({ code }) => this.#end(`it ended with code ${code}`));
  }

  static async whenReady(child: Deno.ChildProcess, at: ServerPlace): Promise<Server> {
    const server = new Server(child, at);
    const timer = setTimeout(
      () => server.#end(`it was not ready after ${READY_LIMIT_MS / 1000} s`),
      READY_LIMIT_MS,
    );
    try {
      server.url = await server.#ready.promise;
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client?.close();
    await this.#child.stdin.close().catch(() => {});
    await this.#child.status;
    await this.#output;
  }

  /** Versions that have sockets do not say when they are ready. */
  async #awaitSocket(path: string): Promise<void> {
    while (this.ended === undefined) {
      try {
        (await Deno.connect({ transport: "unix", path })).close();
        return this.#ready.resolve("http://rclone");
      } catch {
        await delay(POLL_MS);
      }
    }
  }

  async #readOutput(): Promise<void> {
    const lines = this.#child.stderr.pipeThrough(new TextDecoderStream());
    let rest = "";
    for await (const text of lines) {
      const whole = (rest + text).split("\n");
      rest = whole.pop()!;
      for (const line of whole) this.#takeLine(line);
    }
  }

  #takeLine(line: string): void {
    const served = /Serving remote control on (http:\S+?)\/?$/.exec(line);
    if (served !== null) this.#ready.resolve(served[1]!);
    this.#lines.push(line.trim());
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
  }

  #end(state: string): void {
    const said = this.#lines.length === 0 ? "" : `; it said: ${this.#lines.join(" | ")}`;
    this.ended ??= new EnvironmentError(`Cannot use rclone: ${state}${said}`);
    this.#ready.reject(this.ended);
  }
}

type Environment = Readonly<Record<string, string>>;

async function rcloneVersion(program: string, env: Environment): Promise<readonly [number, number]> {
  const found = /rclone v(\d+)\.(\d+)/.exec(await versionText(program, env));
  if (found === null) throw new UsageError(`Cannot use "${program}": it does not say that it is rclone`);
  const version = [Number(found[1]), Number(found[2])] as const;
  const [major, minor] = atLeast(2, OLDEST.split(".").map(Number));
  if (version[0] > major || version[0] === major && version[1] >= minor) return version;
  throw new UsageError(`Cannot use rclone ${version.join(".")}: it is too old; needed is ${OLDEST} or later`);
}

async function versionText(program: string, env: Environment): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(program, {
      args: ["version"],
      stdin: "null",
      clearEnv: true,
      env,
    }).output();
    return new TextDecoder().decode(stdout);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UsageError(
      `Cannot find rclone: it is not installed, or not in PATH; needed is ${OLDEST} or later`,
      {
        cause,
      },
    );
  }
}

/**
 * Without our own secrets, and without the user's settings for a remote control of their own and for copies of their own: a listing is of all
 * that is there.
 */
function forRclone(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) =>
      !/^(RCLONE_RC_|VAULTIK_)/.test(name) && !LEAVING_OUT.test(name)
    ),
  );
}

function secret(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
}
