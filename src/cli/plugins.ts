import { interruptible } from "../base/interruptible.ts";
import { PluginProcess } from "../platform/plugin_process.ts";
import { printable } from "../report/printable.ts";
import type { OpenPlugin } from "../seal/keys.ts";
import { PluginIdentity, pluginProgram } from "../seal/plugin.ts";
import type { PluginPrompts } from "../seal/plugin_protocol.ts";
import type { Io } from "./io.ts";

/** Opens identities of plugins; the user sees what they say and answers what they ask, each question once a command. */
export function pluginsOf(io: Io): OpenPlugin {
  const answers = new Map<string, Promise<string | undefined>>();
  const path = io.env("PATH");
  const start = (program: string) =>
    new PluginProcess(program, ["--age-plugin=identity-v1"], path === undefined ? {} : { PATH: path });
  return (line) => {
    const program = pluginProgram(line);
    const once: Once = (question, ask) => {
      const key = `${program} ${question}`;
      const answer = answers.get(key) ?? Promise.resolve(ask());
      answers.set(key, answer);
      return answer;
    };
    return new PluginIdentity(line, start, promptsOf(program, once, io));
  };
}

type Once = (
  question: string,
  ask: () => Promise<string | undefined> | undefined,
) => Promise<string | undefined>;

function promptsOf(program: string, once: Once, io: Io): PluginPrompts {
  const shown = new Set<string>();
  const ask = (question: string) => {
    const answer = io.ask?.(question);
    return answer === undefined ? undefined : interruptible(io.signal, answer).then((line) => line.trim());
  };
  const prompt = (text: string) => `${program}: ${printable(text)}`;
  return {
    show(message) {
      if (shown.has(message)) return;
      shown.add(message);
      io.stderr(`${prompt(message)}\n`);
    },
    askSecret: (question) => once(question, () => io.askSecret?.(`${prompt(question)}: `)),
    askText: (question) => once(question, () => ask(`${prompt(question)}: `)),
    async confirm(question, yes, no) {
      const choice = no === undefined ? `Enter for ${yes}` : `y for ${yes}, n for ${no}`;
      const answer = await once(question, () => ask(`${prompt(question)} (${printable(choice)}) `));
      return answer === undefined ? undefined : no === undefined || /^y/i.test(answer);
    },
  };
}
