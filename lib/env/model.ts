import {
  builtInModelName,
  type ModelEnv,
  modelBaseUrl,
  readModelName,
} from "@/lib/contracts/chat/model-name";
import { isPlainUrl, parseUrl } from "@/lib/parse-url";

type Optional = (name: string) => string | null;

/** How keys of the two providers begin that people most often confuse. */
const keyPrefixes = { Anthropic: /^sk-ant-/, OpenAI: /^sk-(proj|svcacct|admin)-/ } as const;

/** The models and keys of the environment. */
export function readModel(optional: Optional, selfHosted: boolean, problems: string[]): ModelEnv {
  const key = (name: string, not?: keyof typeof keyPrefixes): string | null => {
    const value = optional(name);
    const problem = value && keyProblem(name, value, not);
    if (problem) problems.push(problem);
    return value;
  };
  const named = optional("AI_MODEL");
  const model: ModelEnv = {
    aiModel: named?.toLowerCase() === builtInModelName ? builtInModelName : named,
    anthropicApiKey: key("ANTHROPIC_API_KEY", "OpenAI"),
    openaiApiKey: key("OPENAI_API_KEY", "Anthropic"),
    openaiCompatibleBaseUrl: readBaseUrl(optional("OPENAI_COMPATIBLE_BASE_URL"), problems),
    openaiCompatibleApiKey: key("OPENAI_COMPATIBLE_API_KEY"),
    gatewayApiKey: key("AI_GATEWAY_API_KEY"),
    vercel: !selfHosted,
  };
  if (model.aiModel !== null && model.aiModel !== builtInModelName) {
    const read = readModelName(model.aiModel, model);
    const isTold = problems.some((problem) => problem.startsWith("OPENAI_COMPATIBLE_BASE_URL"));
    if (read.provider === null && !isTold) {
      problems.push(`AI_MODEL cannot be used: ${read.problem}`);
    }
  }
  return model;
}

/** A key with a line break or a space would fail in each request, with an error that may quote it. */
function keyProblem(
  name: string,
  value: string,
  not: keyof typeof keyPrefixes | undefined,
): string | null {
  if (/^bearer\s/i.test(value)) return `${name} begins with “Bearer”. Write the key alone.`;
  // Servers of one's own may take any text, such as “not needed”.
  const isOwn = name === "OPENAI_COMPATIBLE_API_KEY";
  if (!(isOwn ? /^[\x20-\x7e]+$/ : /^[\x21-\x7e]+$/).test(value)) {
    return `${name} must be one key, without ${isOwn ? "" : "spaces, "}line breaks or letters such as ü.`;
  }
  if (not && keyPrefixes[not].test(value)) {
    return `${name} holds a key of ${not}. Write it into ${not.toUpperCase()}_API_KEY instead.`;
  }
  return null;
}

function readBaseUrl(text: string | null, problems: string[]): string | null {
  if (text === null) return null;
  const url = parseUrl(text);
  if (url && /^https?:\/\//i.test(text) && isPlainUrl(url, text)) return modelBaseUrl(text);
  problems.push(
    "OPENAI_COMPATIBLE_BASE_URL must be a URL such as http://localhost:11434/v1, without a user or a query. A key goes into OPENAI_COMPATIBLE_API_KEY.",
  );
  return null;
}
