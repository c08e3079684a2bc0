// In this order: what the program imports is replaced before it does.
import "./deno_calls.ts";
import "./libc_calls.ts";
import "./sqlite_calls.ts";
import "./same_thread.ts";
