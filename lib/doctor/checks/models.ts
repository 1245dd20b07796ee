import { askForAWord } from "@/lib/chat/model/ask-for-a-word";
import { modelProblem, modelReach, resolveModel } from "@/lib/chat/model/model";
import { defaultModelName } from "@/lib/chat/model/model-choice";
import { builtInModelName, type ModelSetup } from "@/lib/contracts/chat/model-name";
import { listAssistantModels } from "@/lib/db/inspection/outbound";
import { readModelSetup } from "@/lib/db/models/model-setup";
import type { DoctorCheck } from "@/lib/doctor/check";
import { failed, listed, ok, warning } from "@/lib/doctor/check";
import type { DoctorRun } from "@/lib/doctor/run";
import { SealedBoxError } from "@/lib/errors";

const mostModels = 8;
const answerMs = 8_000;

/** Asks the default model, the assistants' models and the offered ones for one word each. */
export const modelsCheck: DoctorCheck<DoctorRun> = {
  id: "models",
  async run(run) {
    const { model: env } = run.env;
    const setup: ModelSetup = await readModelSetup(run.db, env).catch(() => env);
    const others = await listAssistantModels(run.db, mostModels).catch(() => []);
    const names = [
      ...new Set([
        defaultModelName(setup),
        ...others,
        ...(setup.offered ?? []).map(({ name }) => name),
      ]),
    ]
      .filter((name) => name !== builtInModelName)
      .slice(0, mostModels);
    if (names.length === 0) {
      return ok("The built-in assistant answers. No language model is configured.");
    }
    const problems = await Promise.all(names.map((name) => problemOf(run, setup, name)));
    const bad = problems.filter((problem) => problem !== null);
    const good = names.filter((_, n) => problems[n] === null);
    if (bad.length === 0) return ok(`${listed(good)} ${good.length === 1 ? "answers" : "answer"}.`);
    const finding = bad.map(({ finding }) => finding).join(" ");
    const fix = [...new Set(bad.map(({ fix }) => fix))].join(" ");
    return good.length === 0 ? failed(finding, fix) : warning(finding, fix);
  },
};

type Problem = { finding: string; fix: string };

async function problemOf(run: DoctorRun, setup: ModelSetup, name: string): Promise<Problem | null> {
  const unusable = modelProblem(name, setup);
  if (unusable !== null) {
    return { finding: unusable, fix: "Set what it needs, or choose another model." };
  }
  try {
    const { env, now, operatorFetch: modelFetch, guardedModelFetch } = run;
    const reach = modelReach({ keyring: env.keyring, now, modelFetch, guardedModelFetch });
    const resolved = resolveModel(name, setup, reach);
    const failure = await askForAWord(resolved, answerMs);
    return failure && inWords(name, resolved.keyName, failure.log);
  } catch (error) {
    if (!(error instanceof SealedBoxError)) throw error;
    return {
      finding: `${name}: ${error.userMessage}`,
      fix: "Enter its API key again in Settings > Models.",
    };
  }
}

/** The provider's own text stays out: it may quote a key. */
function inWords(name: string, keyName: string | null, log: Record<string, unknown>): Problem {
  const { kind, status, connectionCode } = log;
  const because = status ?? connectionCode;
  const told = because === undefined ? "" : ` (${String(because)})`;
  switch (kind) {
    case "key_refused":
      return {
        finding: `${name}: the provider refused the key${told}.`,
        fix: `Check ${keyName ?? "the key"}.`,
      };
    case "no_such_model":
      return {
        finding: `${name}: the provider does not know this model${told}.`,
        fix: "Check AI_MODEL, Settings > Models, and the models that assistants name.",
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
        fix: "Check that the provider can be reached from this machine, and the base URL of a model of your own.",
      };
    default:
      return {
        finding: `${name}: the provider refused the request${told}.`,
        fix: "Check AI_MODEL and the provider's own log.",
      };
  }
}
