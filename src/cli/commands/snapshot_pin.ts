import { pinSnapshot, unpinSnapshot } from "../../operations/remove.ts";
import type { HostTools } from "../../read/hosts.ts";
import { resolveSnapshot, SNAPSHOT_WORDS } from "../../read/resolve.ts";
import type { CommandSpec } from "../command.ts";
import { NAME_OPTION } from "../looked_at.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

export const snapshotPin = command("pin", {
  summary: "Keep a snapshot whatever a policy says, on every machine that purges",
  work: pinSnapshot,
  done: (id) => `${id} is pinned`,
});

export const snapshotUnpin = command("unpin", {
  summary: "Let policies decide over a pinned snapshot again",
  work: unpinSnapshot,
  done: (id) => `${id} is not pinned`,
});

function command(
  word: string,
  { summary, work, done }: {
    readonly summary: string;
    readonly work: (tools: HostTools, id: string) => Promise<void>;
    readonly done: (id: string) => string;
  },
): CommandSpec<OutputOptions & StoreOptions & { readonly name?: string }> {
  return {
    usage: `${word} <id>`,
    summary,
    details: `The snapshot is ${SNAPSHOT_WORDS}.`,
    options: [NAME_OPTION(), ...STORE_OPTIONS(), ...OUTPUT_OPTIONS()],
    exits: [4, 5, 6],
    example: `vaultik snapshot ${word} 20260101T000000Z-abcdefgh-5e0c9b1f`,

    async run({ args: [wanted], options, io }) {
      using output = new Output(io, options);
      await using tools = await openSession(options, io, output);
      const { tools: host, id } = await resolveSnapshot(tools, wanted, options);
      await work(host, id);
      output.result({ id, pinned: word === "pin" }, done(id));
      return 0;
    },
  };
}
