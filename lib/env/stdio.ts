import path from "node:path";

/** How programs of stdio servers may run. Contains no secret. */
export interface StdioEnv {
  /** `off` on Vercel, and if STDIO_SERVERS is not set. */
  mode: "off" | "sandbox" | "trusted";
  /** No one chose `off`: it is the default. */
  unset: boolean;
  /** `sandbox`: the user who runs the programs; null: bubblewrap isolates them. */
  user: string | null;
  /** Absolute; contains a working folder for each server. Null: below the system's temporary folder. */
  folder: string | null;
  /** Absolute: what the programs may read in addition to the system's folders and those on PATH. */
  readOnlyFolders: readonly string[];
  /** Where commands are looked for. */
  path: string;
  /** Absolute: files that contain a key. */
  keyFiles: readonly string[];
}

type Optional = (name: string) => string | null;

const modes = ["off", "sandbox", "trusted"] as const;

export function readStdio(optional: Optional, selfHosted: boolean, problems: string[]): StdioEnv {
  const setting = optional("STDIO_SERVERS")?.toLowerCase() ?? null;
  const mode = modes.find((each) => each === setting) ?? "off";
  if (setting !== null && setting !== mode) {
    problems.push(`STDIO_SERVERS must be one of ${modes.join(", ")}.`);
  }
  const user = optional("STDIO_USER");
  if (user !== null && mode !== "sandbox") {
    problems.push("STDIO_USER needs STDIO_SERVERS=sandbox.");
  }
  const keyFiles = ["SECRETS_ENCRYPTION_KEY_FILE", "SECRETS_ENCRYPTION_KEYS_OLD_FILE"];
  return {
    mode: selfHosted ? mode : "off",
    unset: setting === null,
    user,
    folder: readFolder(optional("STDIO_FOLDER"), problems),
    readOnlyFolders: folders("STDIO_READ_ONLY_FOLDERS", optional, problems),
    path: optional("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
    keyFiles: keyFiles.flatMap((name) => {
      const file = optional(name);
      return file === null ? [] : [path.resolve(/* turbopackIgnore: true */ file)];
    }),
  };
}

function readFolder(folder: string | null, problems: string[]): string | null {
  if (folder === null) return null;
  if (path.isAbsolute(folder) && !folder.includes(":/")) return path.normalize(folder);
  problems.push("STDIO_FOLDER must be one absolute path, such as /var/lib/usher/stdio.");
  return null;
}

function folders(name: string, optional: Optional, problems: string[]): string[] {
  const listed = (optional(name) ?? "")
    .split(":")
    .map((folder) => folder.trim())
    .filter((folder) => folder !== "");
  if (listed.some((folder) => !path.isAbsolute(folder) || /[,;]\s*\//.test(folder))) {
    problems.push(`${name} must hold absolute paths, separated by colons.`);
    return [];
  }
  return listed.map((folder) => path.normalize(folder));
}
