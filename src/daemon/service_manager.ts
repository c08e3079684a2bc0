import { notifyServiceManager } from "../platform/sd_notify.ts";

/**
 * The service manager that started this process, where there is one that listens (systemd, `Type=notify`). As long as this lives and the
 * event loop turns, its watchdog gets a sign of life twice in each of its intervals.
 */
export class ServiceManager implements Disposable {
  readonly #socket: string | undefined;
  readonly #timer: ReturnType<typeof setInterval> | undefined;

  /** `env` looks up an environment variable. */
  constructor(env: (name: string) => string | undefined, pid: number) {
    this.#socket = env("NOTIFY_SOCKET");
    const intervalMs = Number(env("WATCHDOG_USEC") ?? 0) / 1000;
    const isMeant = Number(env("WATCHDOG_PID") ?? pid) === pid;
    if (this.#socket !== undefined && intervalMs > 0 && isMeant) {
      this.#timer = setInterval(() => this.notify("WATCHDOG=1"), intervalMs / 2);
    }
  }

  /** Lines of the protocol: `READY=1`, `STATUS=…`. */
  notify(state: string): void {
    if (this.#socket !== undefined) notifyServiceManager(this.#socket, state);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
