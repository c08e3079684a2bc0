/** What a service that runs the daemon needs to know. */
export interface ServiceOptions {
  /** How the program is started, without arguments: one word, or several where it runs from source. */
  readonly program: readonly string[];
  readonly configPath: string;
  readonly indexPath: string;
  /** Directory of a store on this machine. */
  readonly storePath?: string;
  /** A file of metrics that it writes, in a directory of others. */
  readonly metricsPath?: string;
  /** Files with secrets, which the service manager reads for the service. */
  readonly keyFiles: readonly string[];
  /** Whether the configuration names programs that are to run: hooks, commands, what sends mail. */
  readonly runsPrograms: boolean;
  /** A service of this user, not of the system. */
  readonly isOfUser: boolean;
}

export const SERVICE_NAME = "vaultik";

export function daemonCommand({ program, configPath }: ServiceOptions): string[] {
  return [...program, "--config", configPath, "snapshot", "create", "--daemon"];
}

/** What installing or removing a service does, in this order. */
export interface ServicePlan {
  readonly before: readonly (readonly string[])[];
  readonly path: string;
  /** Absent: the file is removed. */
  readonly text?: string;
  /** Commands that make it known and start it. */
  readonly after: readonly (readonly string[])[];
}
