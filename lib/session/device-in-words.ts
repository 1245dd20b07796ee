import bowser from "bowser";

/** A browser's own words for itself, such as `Firefox on Windows`. It can write what it likes. */
export function deviceInWords(userAgent: string): string {
  if (userAgent === "") return "Unknown device";
  const { browser, os, platform } = bowser.parse(userAgent);
  const name = browser.name || "Unknown browser";
  const system = systemName(os.name, platform.model);
  return (system === null ? name : `${name} on ${system}`).slice(0, 80);
}

function systemName(name: string | undefined, model: string | undefined): string | null {
  if (name === "iOS") return model ?? "iPhone";
  return name || null;
}
