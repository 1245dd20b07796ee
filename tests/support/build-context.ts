import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** What a container engine is given to build the images from: the repository without what `.dockerignore` names. */
export interface BuildContext {
  files: readonly string[];
  isLeftOut(file: string): boolean;
}

export function readBuildContext(): BuildContext {
  const lines = readFileSync(".dockerignore", "utf8").split("\n");
  const patternsOf = (chosen: readonly string[]) =>
    chosen.map((line) => {
      const escaped = line.replaceAll(".", "\\.").replaceAll("*", "[^/]*");
      return new RegExp(`^${escaped}(/|$)`);
    });
  const leftOut = patternsOf(lines.filter((line) => line !== "" && !line.startsWith("!")));
  const kept = patternsOf(lines.flatMap((line) => (line.startsWith("!") ? [line.slice(1)] : [])));
  const isLeftOut = (file: string) =>
    leftOut.some((pattern) => pattern.test(file)) && !kept.some((pattern) => pattern.test(file));

  const filesIn = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const name = path.posix.join(folder, entry.name);
      if (isLeftOut(name)) return [];
      return entry.isDirectory() ? filesIn(name) : [name];
    });
  return { files: filesIn("."), isLeftOut };
}
