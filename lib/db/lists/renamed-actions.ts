/**
 * An action by its current name. Events cannot be changed, so those from before it was called two-factor authentication
 * keep the former name.
 */
export function currentAction(recorded: string): string {
  return recorded.replace(/^second-step(?=\.|$)/, "two-factor");
}

/** Every name under which events of an action, or of a prefix, are recorded. */
export function recordedActions(action: string): string[] {
  const current = currentAction(action);
  return [...new Set([current, current.replace(/^two-factor(?=\.|$)/, "second-step")])];
}
