import { cutText } from "@/lib/untrusted-text";
import { type FamilyRules, keywordsOfTypes, valueKeywords } from "./families";
import {
  described,
  descriptionOf,
  isPossible,
  isSchema,
  JoinedSchemas,
  type JsonSchema,
  type JsonType,
  mergeAll,
  mergeAlternatives,
  propertiesOf,
  requiredOf,
  restOf,
  typesOf,
} from "./json-schema";
import { type ArgumentNames, noNames, sendableKey, unite } from "./tool-arguments";

/** For one tool. */
export const mostNodes = 1_500;

type Sent = { schema: JsonSchema; names: ArgumentNames };

/** One pass over a server's schema, which makes the one that a provider's API accepts. */
export class SchemaWalk {
  nodes = 0;
  readonly #root: JsonSchema;
  readonly #joined: JoinedSchemas;
  readonly #rules: FamilyRules;
  readonly #nameOf: (key: string) => string;
  readonly #deepest: number;
  /** Whether a part may have no type: OpenAI's API refuses that within `additionalProperties`. */
  #untypedHere: boolean;

  constructor(
    root: JsonSchema,
    rules: FamilyRules,
    nameOf: (key: string) => string,
    deepest: number,
  ) {
    this.#root = root;
    this.#joined = new JoinedSchemas(root);
    this.#rules = rules;
    this.#nameOf = nameOf;
    this.#deepest = deepest;
    this.#untypedHere = rules.untyped;
  }

  /** An object with properties, whatever it was: no API accepts anything else for arguments. */
  top(): Sent {
    const plain = this.#joined.plain(this.#root);
    const { anyOf } = plain;
    const merged = Array.isArray(anyOf)
      ? mergeAlternatives(
          plain,
          anyOf.map((each) => this.#joined.plain(each)),
        )
      : plain;
    return this.#object(merged, 0, descriptionOf(merged));
  }

  #any(schema: unknown, depth: number, note = ""): Sent {
    this.nodes += 1;
    const plain = this.#joined.plain(schema);
    const description = [descriptionOf(plain), note].filter(Boolean).join(" ");
    if (depth >= this.#deepest || this.nodes > mostNodes) return this.#shallow(plain, description);
    const alternatives = this.#alternatives(plain, depth, description);
    if (alternatives) return alternatives;
    const types = typesOf(plain);
    const named = types.filter((type) => type !== "null");
    const nullable = types.includes("null") && named.length > 0;
    const [only, ...others] = named;
    if (only === undefined) return this.#untyped(plain, description, types);
    // Their keywords may conflict, or lists of types are not allowed.
    const isSplit = named.includes("object") || named.includes("array") || !this.#rules.typeLists;
    if (others.length > 0 && isSplit) {
      return this.#oneOf(
        named.map((type) => this.#typed(plain, type, depth + 1, "")),
        { nullable, description },
      );
    }
    const sent =
      others.length > 0
        ? this.#plainValue(plain, named, description)
        : this.#typed(plain, only, depth, description);
    if (nullable) this.#makeNullable(sent.schema, plain);
    return sent;
  }

  #makeNullable(schema: JsonSchema, own: JsonSchema): void {
    if (!this.#rules.typeLists) {
      schema.nullable = true;
      return;
    }
    schema.type = [schema.type, "null"].flat();
    const listsNull =
      Array.isArray(own.enum) && own.enum.includes(null) && !this.#rules.notInEnum?.test("null");
    if (listsNull && Array.isArray(schema.enum)) schema.enum = [...schema.enum, null];
  }

  #typed(schema: JsonSchema, type: JsonType, depth: number, description: string): Sent {
    if (type === "object") return this.#object(schema, depth, description);
    if (type === "array") return this.#array(schema, depth, description);
    return this.#plainValue(schema, [type], description);
  }

  #plainValue(schema: JsonSchema, types: readonly JsonType[], description: string): Sent {
    const { keywords, note } = keywordsOfTypes(schema, types, this.#rules);
    const words = [description, note].filter(Boolean).join(" ");
    const type = types.length === 1 ? types[0] : types;
    return { schema: { type, ...described(words), ...keywords }, names: noNames() };
  }

  #object(schema: JsonSchema, depth: number, description: string): Sent {
    const names = noNames();
    const required = new Set(requiredOf(schema));
    const listed = new Map(propertiesOf(schema));
    // Required but not described: it still has to be sent.
    for (const key of required) if (!listed.has(key)) listed.set(key, {});
    const properties = [...listed].map(([key, value]) => {
      const name = this.#nameOf(key);
      const own = sendableKey.test(key) ? "" : `(The server calls it ${JSON.stringify(key)}.)`;
      const inner = this.#any(value, depth + 1, cutText(own, 200));
      names.properties.set(name, { key, names: inner.names });
      return [name, inner.schema] as const;
    });
    const rest = this.#rest(schema, depth);
    names.rest = rest.names;
    if (properties.length === 0 && depth > 0 && !this.#rules.emptyObjects) {
      const note = [description, "A JSON object, written as text."].filter(Boolean).join(" ");
      return { schema: { type: "string", description: note }, names: { ...names, asJson: true } };
    }
    const sentRequired = [...required].map((key) => this.#nameOf(key));
    return {
      schema: {
        type: "object",
        ...described(description),
        properties: Object.fromEntries(properties),
        ...(sentRequired.length > 0 ? { required: sentRequired } : {}),
        ...rest.schema,
      },
      names,
    };
  }

  #rest(schema: JsonSchema, depth: number): { schema: JsonSchema; names: ArgumentNames | null } {
    const rest = restOf(schema);
    if (!this.#rules.emptyObjects || rest === undefined) return { schema: {}, names: null };
    const plain = isSchema(rest) ? this.#joined.plain(rest) : {};
    const isTyped = Array.isArray(plain.anyOf) || typesOf(plain).length > 0;
    if (!isTyped || !isPossible(rest) || depth + 1 >= this.#deepest) {
      return { schema: { additionalProperties: isPossible(rest) }, names: null };
    }
    const before = this.#untypedHere;
    this.#untypedHere = false;
    const inner = this.#any(rest, depth + 1);
    this.#untypedHere = before;
    return { schema: { additionalProperties: inner.schema }, names: inner.names };
  }

  /** Tuple positions are merged into one: a list of any of their schemas. */
  #array(schema: JsonSchema, depth: number, description: string): Sent {
    const { items, prefixItems } = schema;
    const positions = Array.isArray(items) ? items : Array.isArray(prefixItems) ? prefixItems : [];
    const each = positions.length > 0 ? { anyOf: positions } : isSchema(items) ? items : {};
    const inner = this.#any(each, depth + 1);
    const { keywords, note } = valueKeywords(schema, "array", this.#rules);
    const words = [description, note].filter(Boolean).join(" ");
    return {
      schema: { type: "array", ...described(words), items: inner.schema, ...keywords },
      names: { ...noNames(), items: inner.names },
    };
  }

  #untyped(schema: JsonSchema, description: string, types: readonly JsonType[]): Sent {
    const { keywords, note } = valueKeywords(schema, null, this.#rules);
    const words = [description, note].filter(Boolean).join(" ");
    const names = noNames();
    if (types.includes("null") && this.#rules.typeLists) {
      return { schema: { type: "null", ...described(words) }, names };
    }
    if (this.#untypedHere) return { schema: { ...described(words), ...keywords }, names };
    const anyOf: JsonSchema[] = ["string", "number", "boolean"].map((type) => ({ type }));
    if (this.#rules.emptyObjects) {
      anyOf.push({ type: "object", properties: {} }, { type: "array", items: { type: "string" } });
    }
    return { schema: this.#anyOf(anyOf, { description: words, nullable: false }), names };
  }

  #alternatives(schema: JsonSchema, depth: number, description: string): Sent | null {
    const { anyOf } = schema;
    if (!Array.isArray(anyOf) || anyOf.length === 0) return null;
    const { anyOf: _, ...beside } = schema;
    const branches = anyOf.filter(isPossible).map((each) => this.#joined.plain(each));
    const isNull = (each: JsonSchema) => typesOf(each).join() === "null";
    const values = branches.filter((each) => !isNull(each));
    if (values.length === 0) return null;
    const whole =
      propertiesOf(beside).length > 0 ? values.map((each) => mergeAll([beside, each])) : values;
    const sent = whole.map((each) => this.#any(each, depth + 1));
    return this.#oneOf(sent, { nullable: values.length < branches.length, description });
  }

  #oneOf(
    sent: readonly Sent[],
    { nullable, description }: { nullable: boolean; description: string },
  ): Sent {
    const names = unite(sent.map((each) => each.names));
    const different = new Map(sent.map(({ schema }) => [JSON.stringify(schema), schema]));
    const schemas = [...different.values()];
    const [only] = schemas;
    const isWhole = this.#rules.besideAnyOf || !Array.isArray(only?.anyOf);
    if (only && schemas.length === 1 && !nullable && isWhole) {
      const words = [description, only.description].filter(Boolean).join(" ");
      return { schema: { ...only, ...described(words) }, names };
    }
    return { schema: this.#anyOf(schemas, { description, nullable }), names };
  }

  #anyOf(
    schemas: readonly JsonSchema[],
    { description, nullable }: { description: string; nullable: boolean },
  ): JsonSchema {
    if (this.#rules.besideAnyOf) {
      return {
        anyOf: nullable ? [...schemas, { type: "null" }] : schemas,
        ...described(description),
      };
    }
    const flat = schemas.flatMap((each) => (Array.isArray(each.anyOf) ? each.anyOf : [each]));
    const [first = {}, ...others] = flat.map((each) => (nullable ? { ...each, nullable } : each));
    const words = [description, first.description].filter(Boolean).join(" ");
    return { anyOf: [{ ...first, ...described(words) }, ...others] };
  }

  /** Below the depth that is sent. */
  #shallow(schema: JsonSchema, description: string): Sent {
    const [type] = typesOf(schema).filter((each) => each !== "null");
    if (type === "object" || type === "array" || type === undefined) {
      if (this.#untypedHere) return { schema: described(description), names: noNames() };
      const note = [description, "JSON, written as text."].filter(Boolean).join(" ");
      return {
        schema: { type: "string", description: note },
        names: { ...noNames(), asJson: true },
      };
    }
    return { schema: { type, ...described(description) }, names: noNames() };
  }
}
