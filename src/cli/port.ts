import { UsageError } from "../base/errors.ts";
import { flag } from "./command.ts";

const PORT_MAX = 65_535;

/** Where a command listens on 127.0.0.1. */
export const PORT_OPTION = () =>
  flag("--port <n>", "port; 0 for any that is free").argParser(toPort).default(
    0,
  );

function toPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= PORT_MAX) return port;
  throw new UsageError(
    `Cannot use --port ${JSON.stringify(text)}: allowed is a whole number from 0 to ${PORT_MAX}`,
  );
}
