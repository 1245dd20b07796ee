import * as z from "zod";
import { accountUsed, type SharingFacts, sharingOf } from "./servers/kinds";

/** From nothing to a team that uses its tools, in this order. */
export const getStartedSteps = ["model", "server", "assistant", "people"] as const;
export type GetStartedStepName = (typeof getStartedSteps)[number];

/** The states of each step. The first one of each means done. */
export type GetStartedState = {
  model: "ready" | "not_offered" | "missing";
  server: "ready" | "no_tools" | "no_account" | "no_key" | "switched_off" | "missing";
  assistant: "ready" | "no_server" | "missing";
  people: "joined" | "invited" | "missing";
};

export interface ServerFacts extends SharingFacts {
  id: string;
  name: string;
  switchedOff: boolean;
  /** Someone authorized it, or entered a key for it. */
  hasAccount: boolean;
  hasTools: boolean;
}

export interface GetStartedFacts {
  /** `name`: the model that answers. Null: it is not ready. */
  model: { state: GetStartedState["model"]; name: string | null };
  /** One server of each kind, the oldest. */
  servers: readonly ServerFacts[];
  /** One with servers, if there is one. */
  assistant: { id: string; name: string; hasServer: boolean } | null;
  /** Another person may sign in, or has a valid invitation. */
  people: { joined: boolean; invited: boolean };
}

/** The subject of a step. A model has no `id`. For a missing assistant: the server whose tools it could get. */
export interface GetStartedSubject {
  id: string | null;
  name: string;
}

export type GetStartedStep = {
  [Name in GetStartedStepName]: {
    step: Name;
    done: boolean;
    state: GetStartedState[Name];
    subject: GetStartedSubject | null;
  };
}[GetStartedStepName];

export interface GetStartedView {
  steps: GetStartedStep[];
  doneCount: number;
  /** The first open step. Null: all are done. */
  next: GetStartedStepName | null;
  /** The navigation links to the steps. */
  shown: boolean;
  /** Why it does or does not. */
  reason: "open" | "dismissed" | "finished";
}

export const getStartedChange = z.object({ dismissed: z.boolean() });
export type GetStartedChange = z.infer<typeof getStartedChange>;

/**
 * The one decision on an installation's first steps: which are done, which comes next, and whether the requesting
 * admin still sees them.
 *
 * @param dismissed by this admin
 */
export function getStarted(facts: GetStartedFacts, dismissed: boolean): GetStartedView {
  const server = serverStep(facts);
  const steps = [modelStep(facts), server, assistantStep(facts, server), peopleStep(facts)];
  const open = steps.filter(({ done }) => !done);
  const reason = open.length === 0 ? "finished" : dismissed ? "dismissed" : "open";
  return {
    steps,
    doneCount: steps.length - open.length,
    next: open[0]?.step ?? null,
    shown: reason === "open",
    reason,
  };
}

/** Whether an admin starts there: the list of MCP servers would be empty. */
export function beginsWithGetStarted({ shown, steps }: GetStartedView): boolean {
  return shown && steps.some(({ step, state }) => step === "server" && state === "missing");
}

function modelStep({ model: { state, name } }: GetStartedFacts): GetStartedStep {
  const subject = name === null ? null : { id: null, name };
  return { step: "model", done: state === "ready", state, subject };
}

/** The one closest to done comes first. */
const serverStates = ["ready", "no_tools", "no_key", "no_account", "switched_off"] as const;

function serverStep({ servers }: GetStartedFacts): GetStartedStep {
  for (const state of serverStates) {
    const found = servers.find((server) => serverState(server) === state);
    if (!found) continue;
    const { id, name } = found;
    return { step: "server", done: state === "ready", state, subject: { id, name } };
  }
  return { step: "server", done: false, state: "missing", subject: null };
}

/** If each person connects their own account, tools that are known without one are enough. */
function serverState(server: ServerFacts): (typeof serverStates)[number] {
  if (server.switchedOff) return "switched_off";
  const sharing = sharingOf(server);
  const needsAccount = sharing !== null && (accountUsed(sharing) === "team" || !server.hasTools);
  if (needsAccount && !server.hasAccount) return server.oauthClient ? "no_account" : "no_key";
  return server.hasTools ? "ready" : "no_tools";
}

function assistantStep({ assistant }: GetStartedFacts, server: GetStartedStep): GetStartedStep {
  if (!assistant) {
    const subject = server.done ? server.subject : null;
    return { step: "assistant", done: false, state: "missing", subject };
  }
  const { id, name, hasServer } = assistant;
  const state = hasServer ? "ready" : "no_server";
  return { step: "assistant", done: hasServer, state, subject: { id, name } };
}

function peopleStep({ people: { joined, invited } }: GetStartedFacts): GetStartedStep {
  const state = joined ? "joined" : invited ? "invited" : "missing";
  return { step: "people", done: state !== "missing", state, subject: null };
}
