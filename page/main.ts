import { findServer, ServedOpener, ServedStore } from "./served.ts";
import { fill, h } from "./dom.ts";
import { unlock } from "./session.ts";
import { messageOf } from "./text.ts";
import { Explorer } from "./views/explore.ts";
import { openStoreView } from "./views/open_store.ts";
import { unlockView } from "./views/unlock.ts";

async function start(root: Element): Promise<void> {
  const server = await findServer();
  if (server !== undefined) {
    fill(root, [
      h("main", { class: "narrow" }, h("p", { role: "status" }, "Opening…")),
    ]);
    new Explorer(
      root,
      await unlock(new ServedStore(server), new ServedOpener()),
      server,
    );
    return;
  }
  const store = await openStoreView(root);
  new Explorer(root, await unlockView(root, store), undefined);
}

const root = document.getElementById("app")!;
start(root).catch((error) =>
  fill(root, [
    h(
      "main",
      { class: "narrow" },
      h("p", { class: "problem", role: "alert" }, messageOf(error)),
    ),
  ])
);
