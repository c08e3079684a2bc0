import assert from "node:assert/strict";
import { pathOf } from "../../src/model/path.ts";
import { parsePathPattern, passes } from "../../src/model/path_pattern.ts";

Deno.test("a pattern without a slash is of the last name, one with a slash of the whole path", () => {
  const cases: [pattern: string, path: string, matches: boolean][] = [
    ["hosts", "/etc/hosts", true],
    ["hosts", "/hosts/a", false],
    ["*.conf", "/etc/a/b.conf", true],
    ["*.conf", "/etc/b.conf.d", false],
    ["?", "/é", true],
    ["?", "/ab", false],
    ["[a-c]x", "/bx", true],
    ["[!a-c]x", "/bx", false],
    ["[z-a]", "/[z-a]", true],
    ["\\*", "/*", true],
    ["\\*", "/a", false],
    ["a.b", "/axb", false],
    ["(a|b)+", "/a", false],
    ["/etc/*", "/etc/hosts", true],
    ["/etc/*", "/etc/ssh/sshd", false],
    ["/etc/**", "/etc/ssh/sshd", true],
    ["/etc/**", "/etc", false],
    ["/etc/**/*.conf", "/etc/a.conf", true],
    ["/etc/**/*.conf", "/etc/x/y/a.conf", true],
    ["/etc/**/*.conf", "/etcetera/a.conf", false],
    ["ssh/*", "/etc/ssh/sshd", true],
    ["/etc/hosts", "/etc/hosts", true],
    ["/etc/hosts", "/srv/etc/hosts", false],
    ["/é/*", "/é/x", true],
    ["a\\x0ab*", "/a\nbc", true],
    ["a\\x0ab*", "/ax0ab", false],
    ["\\x5cxff", "/\\xff", true],
  ];
  for (const [pattern, path, matches] of cases) {
    assert.equal(passes(parsePathPattern(pattern).test, pathOf(path)), matches, `${pattern} ${path}`);
  }
  assert.ok(passes(parsePathPattern("*\\xE9t\\xe9").test, "/\xe9t\xe9"));
});

Deno.test("everything that matches a pattern is within the directory that it begins with", () => {
  const cases: [pattern: string, within: string][] = [
    ["*.conf", "/"],
    ["/etc/hosts", "/etc/hosts"],
    ["/etc/ho*", "/etc"],
    ["/etc/a[b]/c", "/etc"],
    ["/*", "/"],
    ["a/b", "/"],
  ];
  for (const [pattern, within] of cases) assert.equal(parsePathPattern(pattern).within, within, pattern);
});
