/**
 * Of the executable, and of what is measured in its place. Small nurseries and heaps that grow slowly: there is one for each thread, and the
 * default sizes cost 100 MiB and gain nothing. Such small nurseries are emptied by the thread that fills them: to wake helpers takes more of
 * the processor than they take off. A daemon collects its garbage itself before it rests. `deno task vaultik` has them too.
 */
export const V8_FLAGS =
  "--v8-flags=--max-semi-space-size=1,--heap-growing-percent=60,--expose-gc,--no-parallel-scavenge";
