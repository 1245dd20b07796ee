import { streamText } from "ai";
import { defaultModelName, modelProblem, resolveModel } from "@/lib/chat/model/model";
import { explainModelFailure } from "@/lib/chat/model/model-failure";
import { builtInModelName } from "@/lib/contracts/chat/model-name";
import { listAssistantModels } from "@/lib/db/inspection/outbound";
import type { DoctorCheck } from "@/lib/doctor/check";
import { failed, listed, ok, warning } from "@/lib/doctor/check";
import type { DoctorRun } from "@/lib/doctor/run";

const mostModels = 8;
const answerMs = 8_000;
/** The least that OpenAI accepts. */
const fewestTokens = 16;

/** Asks each model for a word, by the way that the chat asks: only that shows that key, name and credit are right. */
export const modelsCheck: DoctorCheck<DoctorRun> = {
  id: "models",
  async run(run) {
    const fallback = defaultModelName(run.env.model);
    const others = await listAssistantModels(run.db, mostModels).catch(() => []);
    const names = [...new Set([fallback, ...others])].filter((name) => name !== builtInModelName);
    if (names.length === 0) {
      return ok("The built-in assistant answers. No language model is configured.");
    }
    const problems = await Promise.all(names.map((name) => problemOf(run, name)));
    const bad = problems.filter((problem) => problem !== null);
    const good = names.filter((_, n) => problems[n] === null);
    if (bad.length === 0) return ok(`${listed(good)} ${good.length === 1 ? "answers" : "answer"}.`);
    const finding = bad.map(({ finding }) => finding).join(" ");
    const fix = [...new Set(bad.map(({ fix }) => fix))].join(" ");
    return good.length === 0 ? failed(finding, fix) : warning(finding, fix);
  },
};

type Problem = { finding: string; fix: string };

async function problemOf({ env, operatorFetch }: DoctorRun, name: string): Promise<Problem | null> {
  const unusable = modelProblem(name, env.model);
  if (unusable !== null) {
    return { finding: unusable, fix: "Set what it needs, or choose another model." };
  }
  const resolved = resolveModel(name, env.model, { fetch: operatorFetch });
  let thrown: unknown = null;
  const answer = streamText({
    model: resolved.model,
    prompt: "Answer with OK.",
    maxOutputTokens: fewestTokens,
    maxRetries: 0,
    abortSignal: AbortSignal.timeout(answerMs),
    providerOptions: { openai: { store: false } },
    onError: ({ error }) => {
      thrown ??= error;
    },
    onAbort: () => {
      thrown ??= new DOMException("The model was silent.", "TimeoutError");
    },
  });
  await answer.consumeStream();
  if (thrown === null) return null;
  const { keyVariable } = resolved;
  const { log } = explainModelFailure(thrown, { name, keyVariable, tools: 0 });
  return inWords(name, keyVariable, log);
}

/** Words of the provider stay out: they may quote a key. */
function inWords(name: string, keyVariable: string | null, log: Record<string, unknown>): Problem {
  const { kind, status, connectionCode } = log;
  const because = status ?? connectionCode;
  const told = because === undefined ? "" : ` (${String(because)})`;
  switch (kind) {
    case "key_refused":
      return {
        finding: `${name}: the provider refused the key${told}.`,
        fix: `Check ${keyVariable ?? "the key"}.`,
      };
    case "no_such_model":
      return {
        finding: `${name}: the provider does not know this model${told}.`,
        fix: "Check AI_MODEL, and the models that assistants name.",
      };
    case "no_credit":
      return {
        finding: `${name}: the account has no credit left${told}.`,
        fix: "Add credit at the provider.",
      };
    case "too_many_requests":
      return {
        finding: `${name}: the provider has had too many requests${told}.`,
        fix: "Check the rate limits of the account.",
      };
    case "overloaded":
      return {
        finding: `${name}: the provider has a temporary problem${told}.`,
        fix: "Check again in a few minutes.",
      };
    case undefined:
      return {
        finding: `${name} did not answer${told}.`,
        fix: "Check that the provider can be reached from this machine, and OPENAI_COMPATIBLE_BASE_URL for a model of your own.",
      };
    default:
      return {
        finding: `${name}: the provider refused the request${told}.`,
        fix: "Check AI_MODEL and the provider's own log.",
      };
  }
}
