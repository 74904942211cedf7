/** Schemas that stand in the OpenAPI document under a name of their own. */
import { z } from 'zod';

export const namedSchemas = z.registry<{ id: string }>();

/**
 * Gives a schema its name in the document.
 * @param id the name below `#/components/schemas/`
 */
export const named = <T extends z.ZodType>(id: string, schema: T): T => {
  namedSchemas.add(schema, { id });
  return schema;
};
