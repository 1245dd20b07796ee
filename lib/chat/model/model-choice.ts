import {
  builtInModelName,
  isInEnvironment,
  type ModelSetup,
  modelProviderKinds,
  type OfferedModel,
  readModelName,
} from "@/lib/contracts/chat/model-name";
import type { Role } from "@/lib/contracts/people/person";

/** If one key is set and no model is named. */
export const usualModels = {
  anthropic: "anthropic/claude-sonnet-5-5",
  openai: "openai/gpt-5.5",
} as const;

export interface DefaultModel {
  name: string;
  builtIn: boolean;
  /** Who decided: AI_MODEL, an admin, the single key that is set, or no one. */
  from: "AI_MODEL" | "settings" | "key" | "nothing";
}

/** What answers if neither a person nor an assistant names a model. */
export function defaultModel(setup: ModelSetup): DefaultModel {
  const decided = (name: string, from: DefaultModel["from"]) => {
    return { name, builtIn: name === builtInModelName, from };
  };
  if (setup.aiModel) return decided(setup.aiModel, "AI_MODEL");
  const offered = setup.offered?.find(({ isDefault }) => isDefault);
  if (offered && isUsable(offered.name, setup)) return decided(offered.name, "settings");
  const withKey = [
    ...(setup.anthropicApiKey ? [usualModels.anthropic] : []),
    ...(setup.openaiApiKey ? [usualModels.openai] : []),
  ];
  const [only] = withKey;
  return only && withKey.length === 1 ? decided(only, "key") : decided(builtInModelName, "nothing");
}

/** Whether a model answers, and not just the built-in assistant; if not, whether a provider already exists. */
export function modelReadiness(
  setup: ModelSetup,
): { state: "ready"; name: string } | { state: "not_offered" | "missing"; name: null } {
  const names = [defaultModelName(setup), ...(setup.offered ?? []).map(({ name }) => name)];
  const found = names.find((name) => readModelName(name, setup).provider !== null);
  if (found !== undefined) return { state: "ready", name: labelOf(found, setup) };
  const hasProvider =
    modelProviderKinds.some((kind) => isInEnvironment(kind, setup)) ||
    setup.saved?.some(({ enabled }) => enabled) === true;
  return { state: hasProvider ? "not_offered" : "missing", name: null };
}

export function defaultModelName(setup: ModelSetup): string {
  return defaultModel(setup).name;
}

function isUsable(name: string, setup: ModelSetup): boolean {
  return name === builtInModelName || readModelName(name, setup).provider !== null;
}

/** The audience of an offered model. To add groups, add them here and to `ModelAudience`. */
function isOfferedTo(role: Role, { audience }: OfferedModel): boolean {
  return audience === "EVERYONE" || role === "ADMIN";
}

/** An assistant's settings for models. */
export interface AssistantModels {
  /** Null: the default. */
  model: string | null;
  letsPeopleChoose: boolean;
  /** Empty: every model that is offered to them. */
  modelsToChoose: readonly string[];
}

/** The models that this person may choose in a chat with this assistant; none if it does not let them. */
export function choosableModels(
  setup: ModelSetup,
  { letsPeopleChoose, modelsToChoose }: AssistantModels,
  role: Role,
): OfferedModel[] {
  if (!letsPeopleChoose) return [];
  return (setup.offered ?? []).filter(
    (model) =>
      isOfferedTo(role, model) &&
      (modelsToChoose.length === 0 || modelsToChoose.includes(model.name)) &&
      isUsable(model.name, setup),
  );
}

/** `chosen`: what the conversation may remember. `notice`: why a different model answers than requested. */
export type ModelDecision = { name: string; chosen: string | null; notice: string | null };

/**
 * Which model answers a person's turn: the one that they chose if they may, otherwise the assistant's if they
 * may use it, otherwise the default. A removed model never stops a conversation.
 *
 * @param chosen by the person, with this turn or an earlier one; null: none
 */
export function decideModel(
  setup: ModelSetup,
  assistant: AssistantModels,
  { role, chosen }: { role: Role; chosen: string | null },
): ModelDecision {
  const own = assistantsModel(setup, assistant, role);
  if (chosen === null || chosen === own.name) return { ...own, chosen };
  if (choosableModels(setup, assistant, role).some(({ name }) => name === chosen)) {
    return { name: chosen, chosen, notice: null };
  }
  const notice = `You cannot use ${labelOf(chosen, setup)} here any more. ${labelOf(own.name, setup)} answers instead.`;
  return { name: own.name, chosen: null, notice };
}

/** What answers this person if they choose nothing. */
export function assistantsModel(
  setup: ModelSetup,
  { model }: Pick<AssistantModels, "model">,
  role: Role,
): { name: string; notice: string | null } {
  const usual = defaultModelName(setup);
  const name = model?.trim() || usual;
  if (name === usual) return { name, notice: null };
  const offered = setup.offered?.find((each) => each.name === name);
  const answers = `${labelOf(usual, setup)} answers instead.`;
  if (offered && !isOfferedTo(role, offered)) {
    return { name: usual, notice: `This assistant’s model is for admins only. ${answers}` };
  }
  const problem = problemWith(name, setup);
  if (problem === null) return { name, notice: null };
  return { name: usual, notice: `This assistant’s model cannot be used. ${problem} ${answers}` };
}

/** Why an assistant cannot use this model; null: it can. From a provider that an admin added, only offered models. */
export function problemWith(name: string, setup: ModelSetup): string | null {
  if (name === builtInModelName) return null;
  const read = readModelName(name, setup);
  if (read.provider === null) return `${name}: ${read.problem}`;
  if (read.saved === null || setup.offered?.some((each) => each.name === name)) return null;
  return `${name} is not offered. Ask an admin to offer it in Settings > Models, or choose another model.`;
}

/** The models that an admin chooses from for an assistant. */
export function formModels(setup: ModelSetup) {
  const { name, builtIn } = defaultModel(setup);
  return {
    defaultModel: { name, label: labelOf(name, setup), builtIn },
    models: (setup.offered ?? [])
      .filter((model) => isUsable(model.name, setup))
      .map(({ name, audience }) => ({ name, label: labelOf(name, setup), audience })),
  };
}

/** The name that people see for a model. */
export function labelOf(name: string, setup: Pick<ModelSetup, "offered">): string {
  if (name === builtInModelName) return "Usher’s built-in assistant";
  return setup.offered?.find((each) => each.name === name)?.label || name;
}
