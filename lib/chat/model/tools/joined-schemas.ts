import { isSchema, type JsonSchema, resolveReference } from "./json-schema";
import { mergeAll } from "./merge-schemas";

/** Of putting references in and joining what they mean, which can grow without an end. */
const mostSteps = 10_000;
const deepest = 20;

/** The parts of one schema, each with all that holds for it in one place. */
export class JoinedSchemas {
  readonly #root: JsonSchema;
  #steps = 0;

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  /** Without references and without keywords that join or choose, but for one list of alternatives. */
  plain(schema: unknown, seen: readonly unknown[] = []): JsonSchema {
    this.#steps += 1;
    if (!isSchema(schema) || seen.length > deepest || this.#steps > mostSteps) return {};
    const reference = schema.$ref ?? schema.$dynamicRef ?? schema.$recursiveRef;
    if (reference !== undefined) {
      const { $ref: _, $dynamicRef: __, $recursiveRef: ___, ...beside } = schema;
      const target = resolveReference(this.#root, reference);
      if (seen.includes(target)) return this.plain(beside, [...seen, schema]);
      return mergeAll([
        this.plain(target, [...seen, target]),
        this.plain(beside, [...seen, schema]),
      ]);
    }
    const { allOf, if: _, then: yes, else: no, not: __, oneOf, ...own } = schema;
    const joined = Array.isArray(allOf)
      ? allOf.map((each) => this.plain(each, [...seen, schema]))
      : [];
    // What holds in one case only may be sent in it, and need not be.
    const cases = [yes, no].flatMap((each) =>
      isSchema(each) ? [{ properties: this.plain(each, [...seen, schema]).properties }] : [],
    );
    const whole = mergeAll([own, ...joined, ...cases]);
    if (!Array.isArray(oneOf)) return whole;
    const anyOf = Array.isArray(whole.anyOf) ? [...whole.anyOf, ...oneOf] : oneOf;
    return { ...whole, anyOf };
  }
}
