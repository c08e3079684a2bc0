/**
 * From now on this page can reach nothing but `origin`, or nothing at all: browsers take every further policy as a restriction, and none can
 * be taken back. So the key, which is typed in after that, can go nowhere else.
 */
export function confineTo(origin: string | undefined): void {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = `connect-src ${origin ?? "'none'"}`;
  document.head.append(policy);
}
