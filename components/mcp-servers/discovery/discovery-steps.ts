import type { DiscoveryLine, DiscoveryStep } from "@/lib/contracts/servers/discovery";

/** `waiting`: not begun. `not_reached`: it ended before. */
export type StepState = DiscoveryLine["state"] | "waiting" | "not_reached";

export type StepView = {
  step: DiscoveryStep;
  name: string;
  state: StepState;
  lines: readonly DiscoveryLine[];
};

/** All of them are there from the start, so that what comes is seen coming. */
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
 * A step stands as its last question does: what was not in one place may be in the next. Some are not there at all: the
 * catalogue's comes only where it knows the server, and PKCE needs somebody who consents.
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

/** What is being asked, in a few words. */
export function latestStep(lines: readonly DiscoveryLine[]): string {
  return stepNames[lines.at(-1)?.step ?? "server"];
}

/** What came of all of them: "5 done, 1 note". */
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
