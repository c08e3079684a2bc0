import type { GenericSchema } from "valibot";
import { SCHEMA } from "./schema.ts";
import { aboutOf } from "./section.ts";

/** A JSON schema (draft 2020-12), as editors and validators take it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Of the configuration: what editors complete and check. What no JSON schema can say is left to `config check`. */
export function configJsonSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Configuration of Vaultik",
    ...jsonSchemaOf(SCHEMA),
  };
}

/** The parts of valibot's schemas that are looked at here. */
interface Part {
  readonly type: string;
  readonly kind?: string;
  readonly pipe?: readonly Part[];
  readonly entries?: Readonly<Record<string, Part>>;
  readonly wrapped?: Part;
  readonly default?: unknown;
  readonly options?: readonly unknown[];
  readonly item?: Part;
  readonly value?: Part;
  readonly literal?: unknown;
  readonly requirement?: unknown;
}

/** What the schema takes, before it is read. Throws where it has a kind of schema that is unknown here. */
export function jsonSchemaOf(schema: GenericSchema<any, any>): JsonSchema {
  return convert(schema as unknown as Part);
}

function convert(part: Part): JsonSchema {
  const about = aboutOf(part)?.about;
  return { ...(about === undefined ? {} : { description: about }), ...body(part) };
}

function body(part: Part): JsonSchema {
  if (part.pipe === undefined) return plain(part);
  let schema: JsonSchema = {};
  for (const [position, step] of part.pipe.entries()) {
    schema = { ...schema, ...stepOf(step, position === 0) };
  }
  return schema;
}

function stepOf(step: Part, isFirst: boolean): JsonSchema {
  if (step.kind !== "schema") return rule(step);
  return isFirst && step.pipe === undefined ? plain(step) : convert(step);
}

function plain(part: Part): JsonSchema {
  switch (part.type) {
    case "string":
    case "number":
    case "boolean":
      return { type: part.type };
    case "unknown":
    case "custom":
      return {};
    case "literal":
      return { const: part.literal };
    case "picklist":
      return { enum: part.options };
    case "union":
      return { anyOf: (part.options as readonly Part[]).map(convert) };
    case "array":
      return { type: "array", items: convert(part.item!) };
    case "nullish":
      return { ...convert(part.wrapped!), ...defaultOf(part) };
    case "record":
      return {
        type: "object",
        additionalProperties: convert(part.value!),
      };
    case "strict_object":
      return object(part.entries!);
  }
  throw new TypeError(`no JSON schema is known for ${part.type}`);
}

function object(entries: Readonly<Record<string, Part>>): JsonSchema {
  const keys = Object.entries(entries);
  const required = keys.filter(([, part]) => part.type !== "nullish").map(([key]) => key);
  return {
    type: "object",
    properties: Object.fromEntries(keys.map(([key, part]) => [key, convert(part)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function defaultOf({ default: value }: Part): JsonSchema {
  return typeof value === "function" || value === undefined ? {} : { default: value };
}

/** Of a check that is more than a kind of value; none where JSON has no word for it. */
function rule({ type, requirement }: Part): JsonSchema {
  switch (type) {
    case "integer":
      return { type: "integer" };
    case "min_value":
      return { minimum: requirement };
    case "max_value":
      return { maximum: requirement };
    case "min_length":
      return { minItems: requirement };
    default:
      return {};
  }
}
