/**
 * Creators of models by how many tools one request may contain; null: no known limit.
 *
 * @see https://platform.openai.com/docs/guides/function-calling
 * @see https://ai.google.dev/gemini-api/docs/function-calling
 */
const creators: readonly { name: string; providers: readonly string[]; most: number | null }[] = [
  { name: "OpenAI", providers: ["openai", "azure"], most: 128 },
  { name: "Google", providers: ["google", "vertex"], most: 512 },
  { name: "Anthropic", providers: ["anthropic"], most: null },
];

/**
 * How many tools a model accepts, by its name in the form of AI_MODEL; null: no known limit. A gateway
 * passes the tools on to the model's creator.
 */
export function mostToolsOf(modelName: string): number | null {
  const [provider = ""] = modelName
    .trim()
    .replace(/^gateway\//, "")
    .split("/");
  return creators.find(({ providers }) => providers.includes(provider))?.most ?? null;
}

/** The creators whose models accept that many tools, and those whose models do not. */
export function creatorsFor(tools: number): {
  fit: string[];
  tooFew: { name: string; most: number }[];
} {
  return {
    fit: creators.flatMap(({ name, most }) => (most === null || tools <= most ? [name] : [])),
    tooFew: creators.flatMap(({ name, most }) =>
      most !== null && tools > most ? [{ name, most }] : [],
    ),
  };
}
