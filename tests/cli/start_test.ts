import assert from "node:assert/strict";

Deno.test("no error is made while the program loads: its stack makes V8 read the bundle once more, 40 ms of every start", async () => {
  const made: string[] = [];
  const Plain = Error;
  globalThis.Error = class extends Plain {
    constructor(message?: string, options?: ErrorOptions) {
      super(message, options);
      made.push(this.stack ?? this.message);
    }
  } as ErrorConstructor;
  try {
    await import("../../src/cli/app.ts");
    await (await import("../../src/cli/command_list.ts")).commandEntries();
  } finally {
    globalThis.Error = Plain;
  }
  assert.deepEqual(made, []);
});
