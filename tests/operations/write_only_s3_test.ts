import assert from "node:assert/strict";
import { ExistsError, RefusedError } from "../../src/base/errors.ts";
import { silent } from "../../src/report/events.ts";
import { openStore } from "../../src/store/open.ts";
import { openS3Store } from "../../src/store/s3.ts";
import { Traffic } from "../../src/store/traffic.ts";
import { randomBytes } from "../chunk/random.ts";
import { allowUser, findVersitygw, startVersitygw, USER } from "../fixtures/s3_server.ts";
import { text } from "../store/objects.ts";
import { assertSameTree, Machine } from "./machine.ts";

const binary = findVersitygw();
const name = binary === undefined ? " (versitygw is not installed)" : "";

for (const bucket of [["s3:ListBucket"], []]) {
  const rights = ["s3:PutObject", ...bucket].join(" and ");
  Deno.test({
    name: `a source with ${rights} backs up, again and again, and can neither overwrite nor remove${name}`,
    ignore: binary === undefined,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using server = await startVersitygw(binary!);
      await allowUser(server, "web1", { bucket, objects: ["s3:PutObject"] });
      await using administrator = await openStore(server.location("web1"), silent);
      const traffic = new Traffic();
      await using source = await openStore({ ...server.location("web1"), ...USER }, silent, { traffic });
      await using machine = await Machine.make({}, administrator);
      await proveCycle(machine, source, traffic);
      await proveRefusals(machine, source, await openS3Store({ ...server.location("other"), ...USER }));
    },
  });
}

async function proveCycle(machine: Machine, source: Machine["root"], traffic: Traffic): Promise<void> {
  const made = [];
  for (let round = 0; round < 3; round++) {
    machine.write(`file-${round}`, randomBytes(round, 70_000));
    made.push(await machine.backUp({}, { store: source }));
  }
  traffic.take();
  made.push(await machine.backUp({}, { store: source }));
  assert.ok(requestsOf(traffic) <= 6, "a backup without changes takes at most 6 requests");
  assert.deepEqual(made.map(({ bytesNew }) => bytesNew), [70_000, 70_000, 70_000, 0]);
  for (const backup of made) assert.deepEqual((await machine.verify(backup)).problems, []);
  await assertSameTree((await machine.restore(made[3]!)).data, machine.data);
  assert.deepEqual(machine.texts("warning"), []);
}

async function proveRefusals(machine: Machine, source: Machine["root"], elsewhere: Machine["root"]) {
  await using other = elsewhere;
  for await (const { name: object } of machine.root.list("")) {
    const before = await machine.root.get(object);
    await assert.rejects(source.remove(object), RefusedError);
    await assert.rejects(source.get(object), RefusedError);
    await assert.rejects(source.put(object, text("evil"), { createOnly: true }), ExistsError);
    assert.deepEqual(await machine.root.get(object), before);
  }
  await assert.rejects(other.put("a", text("x")), RefusedError);
}

function requestsOf(traffic: Traffic): number {
  return Object.values(traffic.take()).reduce((sum, { calls }) => sum + calls, 0);
}

Deno.test({
  name: `a backup without changes takes at most 5 requests${name}`,
  ignore: binary === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startVersitygw(binary!);
    const traffic = new Traffic();
    await using machine = await Machine.make({}, await openStore(server.location("p"), silent, { traffic }));
    machine.write("a", randomBytes(1, 70_000));
    await machine.backUp();
    traffic.take();
    await machine.backUp();
    assert.ok(requestsOf(traffic) <= 5);
    await machine.root[Symbol.asyncDispose]();
  },
});
