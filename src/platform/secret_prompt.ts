/**
 * Asks on the terminal, whatever standard input and output are, and gives what is typed, which no one sees. `undefined` where the
 * process has no terminal. Throws the reason of `signal`.
 */
export async function askSecretly(question: string, signal: AbortSignal): Promise<string | undefined> {
  let terminal: Deno.FsFile;
  try {
    terminal = await Deno.open("/dev/tty", { read: true, write: true });
  } catch {
    return undefined;
  }
  const write = (text: string) => terminal.writeSync(new TextEncoder().encode(text));
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  aborted.promise.catch(() => {});
  try {
    signal.throwIfAborted();
    terminal.setRaw(true, { cbreak: true });
    write(question);
    return await Promise.race([readLine(terminal), aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    terminal.setRaw(false);
    write("\n");
    terminal.close();
  }
}

const ENTER = new Set(["\r", "\n"]);
const ERASE = new Set(["\x7f", "\b"]);
const END_OF_INPUT = "\x04";
const ERASE_LINE = "\x15";

/** The terminal gives each key at once, so erasing is done here. */
async function readLine(terminal: Deno.FsFile): Promise<string> {
  const decoder = new TextDecoder();
  const bytes = new Uint8Array(256);
  let line: string[] = [];
  for (;;) {
    const length = await terminal.read(bytes);
    if (length === null) return line.join("");
    for (const key of decoder.decode(bytes.subarray(0, length), { stream: true })) {
      if (ENTER.has(key) || key === END_OF_INPUT) return line.join("");
      if (ERASE.has(key)) line.pop();
      else if (key === ERASE_LINE) line = [];
      else line.push(key);
    }
  }
}
