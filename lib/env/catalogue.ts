import { readFileSync, statSync } from "node:fs";
import * as z from "zod";
import { type VendorServer, vendorServer } from "@/lib/contracts/catalogue/vendor-server";
import { fileMistakes } from "@/lib/contracts/file-mistakes";

const NAME = "CATALOGUE_FILE";
const mostBytes = 1024 * 1024;
/** So that one mistake in each entry does not hide the others' messages. */
const mostProblems = 5;

/** A company's own MCP servers, offered alongside those that Usher knows. Empty if no file is named. */
export function readOwnServers(
  optional: (name: string) => string | null,
  problems: string[],
): readonly VendorServer[] {
  const file = optional(NAME);
  if (file === null) return [];
  const content = contentOf(file);
  if ("problem" in content) {
    problems.push(`${NAME} must name a JSON file of 1 MiB at most: ${content.problem}`);
    return [];
  }
  if (!Array.isArray(content.json)) {
    problems.push(`${NAME}: the file must be a list of entries, which begins with [.`);
    return [];
  }
  const read = z.array(vendorServer).safeParse(content.json);
  if (!read.success) {
    const fields = Object.keys(vendorServer.shape);
    for (const { path, message } of fileMistakes(read.error.issues, fields).slice(
      0,
      mostProblems,
    )) {
      problems.push(`${NAME}: ${placeOf(path)}: ${message}`);
    }
    return [];
  }
  const ids = read.data.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) problems.push(`${NAME}: two entries have the id ${twice}.`);
  return read.data;
}

function contentOf(file: string): { json: unknown } | { problem: string } {
  let text: string;
  try {
    if (statSync(file).size > mostBytes) return { problem: "it is larger." };
    text = readFileSync(file, "utf8");
  } catch (error) {
    return { problem: `it cannot be read (${(error as NodeJS.ErrnoException).code}).` };
  }
  try {
    return { json: JSON.parse(text.replace(/^\ufeff/, "")) };
  } catch (error) {
    return { problem: `it is not valid JSON${placeInText(text, error)}.` };
  }
}

/** Node 20 names the position, later versions the line as well. */
function placeInText(text: string, error: unknown): string {
  const at = /at position (\d+)/.exec((error as Error).message)?.[1];
  return at === undefined ? "" : ` in line ${text.slice(0, Number(at)).split("\n").length}`;
}

/** Positions are counted from one. */
function placeOf([at, ...path]: readonly PropertyKey[]): string {
  if (at === undefined) return "the file";
  return [`entry ${Number(at) + 1}`, ...(path.length > 0 ? [path.map(String).join(".")] : [])].join(
    ", ",
  );
}
