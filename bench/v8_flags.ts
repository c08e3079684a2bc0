/**
 * Of the executable, and of what is measured in its place. Small nurseries and heaps that grow slowly: there is one for each thread, and the
 * default sizes cost 100 MiB and gain nothing. So small heaps are collected by the thread that fills them: helpers would cost more to wake than they do,
 * a tenth to a fifth of all processor time. A daemon collects its garbage itself before it rests. `deno task vaultik` has them too.
 */
export const V8_FLAGS =
  "--v8-flags=--max-semi-space-size=1,--heap-growing-percent=60,--expose-gc,--single-threaded-gc";
