/**
 * Which rules a model's API has for the schemas of tools. A gateway hands them on to the API of the
 * model's creator.
 *
 * @see https://platform.openai.com/docs/guides/function-calling
 * @see https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use
 * @see https://ai.google.dev/api/caching#Schema
 */
export type ProviderFamily = "openai" | "anthropic" | "gemini" | "openai-compatible";

export type FamilyRules = {
  /** A list of types, `nullable` in place of `null`, and what `enum` may hold. */
  typeLists: boolean;
  /** An `enum` may hold other values than texts. */
  enumOfAny: boolean;
  /** An object may have no properties. */
  emptyObjects: boolean;
  /** A part without a type takes any value. */
  untyped: boolean;
  keywords: ReadonlySet<string>;
  formats: ReadonlySet<string>;
  /** Whether patterns are understood; those with a look ahead or behind never are. */
  patterns: "all" | "anchored" | "none";
};

const bounds = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"];
const more = ["exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems", "default"];
const formats = [
  ...["date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"],
];

export function rulesOf(family: ProviderFamily): FamilyRules {
  const usual: FamilyRules = {
    typeLists: true,
    enumOfAny: true,
    emptyObjects: true,
    untyped: true,
    keywords: new Set([...bounds, ...more]),
    formats: new Set(formats),
    patterns: "all",
  };
  switch (family) {
    case "openai":
    case "anthropic":
      return usual;
    case "openai-compatible":
      // llama.cpp makes a grammar of them, and takes none that is not bound at both ends.
      return { ...usual, patterns: "anchored" };
    case "gemini":
      return {
        typeLists: false,
        enumOfAny: false,
        emptyObjects: false,
        untyped: false,
        keywords: new Set(bounds),
        formats: new Set(["date-time"]),
        patterns: "none",
      };
  }
}
