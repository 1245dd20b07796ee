/** `${NAME}` stands for an environment variable, `$${` for the text `${`. */
const reference = /\$(\$\{|\{([A-Za-z_][A-Za-z0-9_]*)\})/g;

export type Variables = Readonly<Record<string, string | undefined>>;

/** A text with its variables resolved; or the names of those that are not set. */
export type Resolved = { text: string; missing: readonly [] } | { text: null; missing: string[] };

export function resolve(text: string, variables: Variables): Resolved {
  const missing = new Set<string>();
  const filled = text.replace(reference, (whole: string, _: string, name: string | undefined) => {
    if (name === undefined) return whole.slice(1);
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    // An empty variable is how most shells and CI systems represent a missing secret.
    if (value === undefined || value === "") missing.add(name);
    return value ?? "";
  });
  return missing.size > 0 ? { text: null, missing: [...missing] } : { text: filled, missing: [] };
}

/** Whether it names a variable. */
export function namesVariable(text: string): boolean {
  return [...text.matchAll(reference)].some(([, , name]) => name !== undefined);
}

/** Whether it has a `${` that is neither a variable nor escaped, such as a shell's `${NAME:-default}`. */
export function hasOpenReference(text: string): boolean {
  return text.replace(reference, "").includes("${");
}

/** A text that stands for itself. */
export function literal(text: string): string {
  // As a function: in a replacement string, `$$` would be one `$`.
  return text.replaceAll("${", () => "$${");
}

/** Names of variables for secrets, each only once. */
export class VariableNames {
  readonly #taken = new Set<string>();

  /** @param parts such as a server's name and a header's */
  next(...parts: string[]): string {
    const words = parts.map((part) => part.toUpperCase().replace(/[^A-Z0-9]+/g, "_")).join("_");
    const plain = words.replace(/_+/g, "_").replace(/^_|_$/g, "");
    const base = /^[A-Z]/.test(plain) ? plain : `SERVER_${plain}`.replace(/_$/, "");
    let name = base;
    for (let number = 2; this.#taken.has(name); number += 1) name = `${base}_${number}`;
    this.#taken.add(name);
    return name;
  }

  get all(): string[] {
    return [...this.#taken];
  }
}
