import assert from "node:assert/strict";
import { trafficText } from "../../src/cli/traffic_text.ts";
import { Traffic } from "../../src/store/traffic.ts";

Deno.test("trafficText() names what was asked of the store, and no more", () => {
  const traffic = new Traffic();
  assert.equal(trafficText(traffic.take()), "0 requests");
  traffic.call("size");
  assert.equal(trafficText(traffic.take()), "1 request (1 look)");
  for (let i = 0; i < 1234; i++) traffic.call("put");
  traffic.moved("put", 3 << 20);
  traffic.call("get");
  traffic.moved("get", 10);
  traffic.call("list");
  traffic.call("remove");
  assert.equal(
    trafficText(traffic.take()),
    "1,237 requests (1,234 put, 1 get, 1 list, 1 remove), sent 3 MiB, fetched 10 B",
  );
});
