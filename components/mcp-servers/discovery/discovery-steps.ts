import type { DiscoveryLine, DiscoveryStep } from "@/lib/contracts/servers/discovery";

/** `waiting`: not started. `not_reached`: it ended before. */
export type StepState = DiscoveryLine["state"] | "waiting" | "not_reached";

export type StepView = {
  step: DiscoveryStep;
  name: string;
  state: StepState;
  lines: readonly DiscoveryLine[];
};

/** All of them are shown from the start, so that it is clear what comes next. */
const stepNames: Record<DiscoveryStep, string> = {
  server: "MCP server",
  protected_resource: "Protected resource metadata",
  authorization_server: "Authorization server metadata",
  grant: "Grant type",
  pkce: "PKCE (S256)",
  registration: "Registration",
  revocation: "Revocation",
  scopes: "Scopes",
  catalogue: "Catalogue",
};

export const stateWords: Record<StepState, string> = {
  running: "Asking",
  done: "Done",
  absent: "Not found",
  warning: "Note",
  failed: "Failed",
  waiting: "Waiting",
  not_reached: "Not reached",
};

/**
 * A step has the state of its last question: what was not in one place may be in the next. Some are conditional: the
 * catalogue's appears only if it knows the server, and PKCE only if someone consents.
 */
export function stepsOf(lines: readonly DiscoveryLine[], over: boolean): StepView[] {
  return (Object.keys(stepNames) as DiscoveryStep[]).flatMap((step) => {
    const own = lines.filter((line) => line.step === step);
    if (own.length === 0 && mayBeLeftOut(step, lines)) return [];
    return [{ step, name: stepNames[step], state: stateOf(own, over), lines: own }];
  });
}

function mayBeLeftOut(step: DiscoveryStep, lines: readonly DiscoveryLine[]): boolean {
  if (step === "pkce") return lines.some((line) => line.step === "grant");
  return step === "catalogue" || step === "grant";
}

function stateOf(lines: readonly DiscoveryLine[], over: boolean): StepState {
  const last = lines.at(-1);
  if (!last) return over ? "not_reached" : "waiting";
  return over && last.state === "running" ? "not_reached" : last.state;
}

/** What is being requested, in a few words. */
export function latestStep(lines: readonly DiscoveryLine[]): string {
  return stepNames[lines.at(-1)?.step ?? "server"];
}

/** The outcome of all of them: "5 done, 1 note". */
export function summaryOf(lines: readonly DiscoveryLine[]): string {
  const steps = stepsOf(lines, true);
  const count = (state: StepState) => steps.filter((one) => one.state === state).length;
  return [
    ...(count("done") > 0 ? [`${count("done")} done`] : []),
    ...(count("absent") > 0 ? [`${count("absent")} not there`] : []),
    ...(count("warning") > 0 ? [`${count("warning")} to note`] : []),
    ...(count("failed") > 0 ? [`${count("failed")} failed`] : []),
  ].join(", ");
}
