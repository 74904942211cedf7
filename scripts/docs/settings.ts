/** What there is to set, read off a zod schema: one entry for each variable or field, with its description. */
import { z } from 'zod';

/** The part of JSON Schema that the schemas of the configuration come to. */
const Node = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  whenUnset: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  required: z.array(z.string()).optional(),
  get items() {
    return Node.optional();
  },
  get properties(): z.ZodOptional<z.ZodRecord<z.ZodString, typeof Node>> {
    return z.record(z.string(), Node).optional();
  },
});
type Node = z.infer<typeof Node>;

export interface Setting {
  /** `PORT`, `limits.refreshReplayWindow`, `resources[].name`. */
  readonly name: string;
  readonly description: string;
  /** What it is when it is not set, as one would type it. */
  readonly byDefault: string | undefined;
  /** What holds when it is not set, in words. */
  readonly whenUnset: string | undefined;
  /** The values it takes, where the schema limits them. */
  readonly values: string | undefined;
}

/**
 * @param schema an object
 * @throws Error naming the setting that has no description
 */
export function settingsOf(schema: z.ZodType): Setting[] {
  return fieldsOf(Node.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })), '');
}

function fieldsOf(parent: Node, before: string): Setting[] {
  return Object.entries(parent.properties ?? {}).flatMap(([key, field]) => {
    const name = before + key;
    if (!field.description)
      throw new Error(`"${name}" has no description; add .describe(…) to it where its schema is.`);
    const own = {
      name,
      description: field.description,
      byDefault: defaultOf(field),
      whenUnset: field.whenUnset,
      values: valuesOf(field),
    };
    const below = field.items?.properties ? ([field.items, `${name}[].`] as const) : ([field, `${name}.`] as const);
    return isDescribed(below[0]) ? [own, ...fieldsOf(...below)] : [own];
  });
}

/** An object none of whose fields is described is one setting as a whole. */
const isDescribed = ({ properties = {} }: Node): boolean =>
  Object.values(properties).some(({ description }) => description !== undefined);

function defaultOf(field: Node): string | undefined {
  if (field.default === undefined || (field.type === 'object' && isDescribed(field))) return undefined;
  return JSON.stringify(withDefaults(field)).replace(/^"(.*)"$/, '$1');
}

/** `.prefault({})` says `{}`; what comes of it is in the fields. */
function withDefaults({ default: value, properties = {} }: Node): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const fields = Object.entries(properties).flatMap(([key, field]) =>
    field.default === undefined ? [] : [[key, withDefaults(field)] as const],
  );
  return { ...Object.fromEntries(fields), ...value };
}

const UNLIMITED = Number.MAX_SAFE_INTEGER;

function valuesOf(field: Node): string | undefined {
  const choices = field.enum?.filter((choice) => choice !== '');
  if (choices?.length) return `one of ${choices.map((choice) => `\`${choice}\``).join(', ')}`;
  if (field.type !== 'integer' && field.type !== 'number') return undefined;
  const least = field.minimum ?? (field.exclusiveMinimum ?? -UNLIMITED) + 1;
  const most = field.maximum ?? UNLIMITED;
  if (most < UNLIMITED) return `${least} to ${most}`;
  return least > -UNLIMITED ? `at least ${least}` : undefined;
}
