/**
 * How many tools one request to a model may hold, by the model's name as AI_MODEL is written; null: no
 * limit that is known. A gateway hands the tools on to the model's creator.
 *
 * @see https://platform.openai.com/docs/guides/function-calling
 * @see https://ai.google.dev/gemini-api/docs/function-calling
 */
export function mostToolsOf(modelName: string): number | null {
  const name = modelName.trim().replace(/^gateway\//, "");
  if (name.startsWith("openai/") || name.startsWith("azure/")) return 128;
  if (/^(google|vertex)\//.test(name)) return 512;
  return null;
}
