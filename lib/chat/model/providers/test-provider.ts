import { askForAWord } from "@/lib/chat/model/ask-for-a-word";
import { modelReach, type ResolvedModel, resolveModel } from "@/lib/chat/model/model";
import { usualModels } from "@/lib/chat/model/model-choice";
import { explainModelFailure, type ModelFailure } from "@/lib/chat/model/model-failure";
import { readModelName, splitModelName } from "@/lib/contracts/chat/model-name";
import type { ModelTest } from "@/lib/contracts/models";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import { findModelProvider, saveModelTest } from "@/lib/db/models/model-provider";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { InvalidInputError, NotFoundError, SealedBoxError } from "@/lib/errors";
import type { Admin, ModelsContext } from "./context";
import { listProviderModels } from "./listed-models";

const answerMs = 30_000;

/**
 * Asks a model of this provider for one word, as the chat would.
 *
 * @param model by the provider's name for it; absent: one that is offered, or that the provider lists
 * @throws InvalidInputError (field `model`) no model is known; NotFoundError there is no such provider
 */
export async function testProvider(
  ctx: ModelsContext,
  admin: Admin,
  provider: string,
  model?: string,
): Promise<ModelTest> {
  const row = await findModelProvider(ctx.db, provider);
  const stored = await readModelSetup(ctx.db, ctx.env.model);
  // A provider that is turned off can be tested before it is turned on.
  const saved = (stored.saved ?? []).map((each) => ({ ...each, enabled: true }));
  const setup = { ...stored, saved };
  const offered = (stored.offered ?? []).map(({ name }) => name);
  const known = [...offered, ...Object.values(usualModels)].map(splitModelName);
  const id =
    model ??
    known.find((name) => name?.provider === provider)?.id ??
    (await listProviderModels(ctx, provider)).models[0]?.id;
  if (id === undefined) {
    throw new InvalidInputError({ model: "Enter the model to test: the provider lists none." });
  }
  const name = `${provider}/${id}`;
  const read = readModelName(name, setup);
  if (read.provider === null && !row) throw new NotFoundError(read.problem);
  const { now, keyring, operatorFetch: modelFetch, guardedModelFetch } = ctx;
  const reach = modelReach({ now, keyring, modelFetch, guardedModelFetch });
  const begun = performance.now();
  const failure = await ask(() => resolveModel(name, setup, reach));
  const ms = Math.round(performance.now() - begun);
  if (row && read.provider !== null && read.saved) {
    const testError = failure?.message ?? null;
    const test = { testedAt: now(), testedModel: id, testedMs: ms, testError };
    await saveModelTest(ctx.db, row, test);
  }
  await insertAuditEvent(ctx.db, {
    action: "model.test-provider",
    ...by(admin),
    details: { provider, model: id, outcome: failure ? "failed" : "ok" },
  });
  return { ok: failure === null, model: id, ms, message: failure?.message ?? `${id} answered.` };
}

async function ask(resolve: () => ResolvedModel): Promise<ModelFailure | null> {
  try {
    return await askForAWord(resolve(), answerMs);
  } catch (error) {
    if (!(error instanceof SealedBoxError)) throw error;
    return explainModelFailure(error, { name: "", keyName: null, tools: 0 });
  }
}
