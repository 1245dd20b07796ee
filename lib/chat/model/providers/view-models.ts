import { modelProblem } from "@/lib/chat/model/model";
import { defaultModel, labelOf } from "@/lib/chat/model/model-choice";
import {
  isInEnvironment,
  type ModelEnv,
  type ModelProviderKind,
  type ModelSetup,
  modelProviderKinds,
  type OfferedModel,
  providerVariables,
} from "@/lib/contracts/chat/model-name";
import type { ModelProviderView, ModelsView, OfferedModelView } from "@/lib/contracts/models";
import type { Database } from "@/lib/db/client";
import { listModelProviders, type ModelProviderRow } from "@/lib/db/models/model-provider";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { parseUrl } from "@/lib/parse-url";

/** Everything about models, without a key. */
export async function viewModels({
  db,
  env,
}: {
  db: Database;
  env: { model: ModelEnv };
}): Promise<ModelsView> {
  const [rows, setup] = await Promise.all([listModelProviders(db), readModelSetup(db, env.model)]);
  const fromEnvironment = modelProviderKinds.filter((kind) => isInEnvironment(kind, env.model));
  const names: readonly string[] = fromEnvironment;
  const { name, builtIn, from } = defaultModel(setup);
  return {
    providers: [
      ...fromEnvironment.map((kind) => environmentProvider(kind, env.model, rows)),
      ...rows.filter((row) => !names.includes(row.name)).map((row) => viewProvider(row, env.model)),
    ],
    offered: (setup.offered ?? []).map((model) => viewOfferedModel(model, setup)),
    defaultModel: { name, label: labelOf(name, setup), builtIn, from },
  };
}

function environmentProvider(
  kind: ModelProviderKind,
  env: ModelEnv,
  rows: readonly ModelProviderRow[],
): ModelProviderView {
  const isCompatible = kind === "openai-compatible";
  return {
    ...{ name: kind, kind, source: "environment", variable: providerVariables[kind] },
    baseUrl: isCompatible ? shownUrl(env.openaiCompatibleBaseUrl ?? "") : null,
    hasKey: isCompatible ? env.openaiCompatibleApiKey !== null : true,
    enabled: true,
    hidesSaved: rows.some((row) => row.name === kind),
    lastTest: null,
  };
}

/** An operator may have put a password into it. */
function shownUrl(text: string): string {
  const url = parseUrl(text);
  return url ? `${url.origin}${url.pathname}` : "";
}

export function viewProvider(row: ModelProviderRow, env: ModelEnv): ModelProviderView {
  const { name, baseUrl, apiKeySealed, enabled, testedAt, testedModel, testedMs, testError } = row;
  const kind = row.kind as ModelProviderKind;
  return {
    ...{ name, kind, source: "settings", variable: null, baseUrl, enabled },
    hasKey: apiKeySealed !== null,
    hidesSaved: kind === name && isInEnvironment(kind, env),
    lastTest: testedAt && {
      at: testedAt.toISOString(),
      model: testedModel ?? "",
      ms: testedMs,
      error: testError,
    },
  };
}

export function viewOfferedModel(model: OfferedModel, setup: ModelSetup): OfferedModelView {
  const { id, name, label, audience, isDefault } = model;
  return { id, name, label, audience, isDefault, problem: modelProblem(name, setup) };
}
