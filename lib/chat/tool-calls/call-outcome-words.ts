/** What the model and the person read in place of a tool's answer. */
export const callOutcomeWords = {
  skipped: "The person skipped this call. It did not run. Go on without it.",
  movedOn: "The person wrote on without this call. It did not run.",
  stopped: "The person stopped the answer before this call ran. It did not run.",
  stoppedWhileRunning:
    "The person stopped the answer while this call ran. It is not known whether it took effect.",
  unknown:
    "It is not known whether this call ran: Usher was interrupted while it was under way. It is not tried again by itself. Check what it did before you ask for it again.",
  unfinished: "This call was never complete. It did not run.",
  modelBrokeOff: "The model's answer broke off. This call did not run.",
  noLongerAllowed:
    "This tool is no longer one of this assistant's. It did not run. An admin can add it again on the assistant's page.",
  notAllowed: "This assistant has no tool of that name. Nothing ran.",
  inputUnanswered:
    "The person wrote on without answering what the server asked in the middle of this call. The call did not go on.",
  inputDeclined: "The person did not go where the server asked them to. The call did not go on.",
  inputTooOften:
    "The server asked the person again and again in the middle of this call. The call did not go on.",
  badInput: "The arguments are not a JSON object that this tool takes. Nothing ran.",
  failed: "The call failed for a reason inside Usher. It may be tried again.",
} as const;

const ownWords: ReadonlySet<string> = new Set(Object.values(callOutcomeWords));

/** True for words of Usher's own; others come from a server. */
export function isOwnWords(errorText: string): boolean {
  return ownWords.has(errorText);
}

const untouched: ReadonlySet<string> = new Set([
  callOutcomeWords.skipped,
  callOutcomeWords.movedOn,
  callOutcomeWords.stopped,
  callOutcomeWords.unfinished,
  callOutcomeWords.modelBrokeOff,
  callOutcomeWords.noLongerAllowed,
  callOutcomeWords.notAllowed,
  callOutcomeWords.badInput,
]);

/** True for a call that surely never reached its server. */
export function didNotRun(errorText: string | undefined): boolean {
  return errorText !== undefined && untouched.has(errorText);
}

const cutByStop: ReadonlySet<string> = new Set([
  callOutcomeWords.stopped,
  callOutcomeWords.stoppedWhileRunning,
]);

/** True for a call that a stop kept from its answer: a retry asks for it anew. */
export function wasCutByStop(errorText: string | undefined): boolean {
  return errorText !== undefined && cutByStop.has(errorText);
}
