/**
 * Creators of models by how many tools one request may hold; null: no limit that is known.
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
 * How many tools a model takes, by its name as AI_MODEL is written; null: no limit that is known. A gateway
 * hands the tools on to the model's creator.
 */
export function mostToolsOf(modelName: string): number | null {
  const [provider = ""] = modelName
    .trim()
    .replace(/^gateway\//, "")
    .split("/");
  return creators.find(({ providers }) => providers.includes(provider))?.most ?? null;
}

/** Whose models take that many tools, and whose do not. */
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
