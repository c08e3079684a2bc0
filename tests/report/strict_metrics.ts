import assert from "node:assert/strict";

/** The samples of a text that keeps all rules of the exposition format. Throws where it breaks one. */
export function strict(text: string): Map<string, number> {
  assert.match(text, /\n$/);
  const samples = new Map<string, number>();
  const families = new Set<string>();
  let family = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const head = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (head?.[1] === "HELP") {
      assert.ok(!families.has(head[2]!), `${head[2]} is there twice`);
      families.add(family = head[2]!);
      continue;
    }
    if (head?.[1] === "TYPE") {
      assert.equal(head[2], family);
      assert.equal(head[3], "gauge");
      continue;
    }
    const label = /[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"/;
    const sample = new RegExp(`^([a-z_]+)\\{(${label.source}(?:,${label.source})*)\\} (-?[0-9.e+]+)$`).exec(
      line,
    );
    assert.ok(sample !== null, `malformed: ${line}`);
    assert.equal(sample[1], family, `${line} is outside of its family`);
    assert.ok(!samples.has(`${sample[1]}{${sample[2]}}`), `${line} is there twice`);
    samples.set(`${sample[1]}{${sample[2]}}`, Number(sample[3]));
  }
  return samples;
}
