import { isSchema, type JsonSchema, mergeAll } from "./json-schema";
import { References } from "./references";

/** For inlining references and joining their targets, which can grow without end. */
const mostSteps = 10_000;
const deepest = 20;

/** The parts of one schema, each with everything that applies to it in one place. */
export class JoinedSchemas {
  readonly #references: References;
  #steps = 0;

  constructor(root: JsonSchema) {
    this.#references = new References(root);
  }

  /** Without references and without keywords that join or choose, except for one list of alternatives. */
  plain(schema: unknown, seen: readonly unknown[] = []): JsonSchema {
    this.#steps += 1;
    if (!isSchema(schema) || seen.length > deepest || this.#steps > mostSteps) return {};
    const reference = schema.$ref ?? schema.$dynamicRef ?? schema.$recursiveRef;
    if (reference !== undefined) {
      const { $ref: _, $dynamicRef: __, $recursiveRef: ___, ...beside } = schema;
      const target = this.#references.resolve(reference);
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
    // What applies only in one case may be sent, but need not be.
    const cases = [yes, no].flatMap((each) =>
      isSchema(each) ? [{ properties: this.plain(each, [...seen, schema]).properties }] : [],
    );
    const whole = mergeAll([own, ...joined, ...cases]);
    if (!Array.isArray(oneOf)) return whole;
    const anyOf = Array.isArray(whole.anyOf) ? [...whole.anyOf, ...oneOf] : oneOf;
    return { ...whole, anyOf };
  }
}
