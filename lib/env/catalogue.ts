import { readFileSync, statSync } from "node:fs";
import * as z from "zod";
import { type VendorServer, vendorServer } from "@/lib/contracts/catalogue/vendor-server";

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
  if (content === null) {
    problems.push(`${NAME} must name a JSON file of 1 MiB at most that Usher can read.`);
    return [];
  }
  const read = z.array(vendorServer).safeParse(content);
  if (!read.success) {
    for (const { path, message } of read.error.issues.slice(0, mostProblems)) {
      problems.push(`${NAME}: ${placeOf(path)}: ${message}`);
    }
    return [];
  }
  const ids = read.data.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) problems.push(`${NAME}: two entries have the id ${twice}.`);
  return read.data;
}

function contentOf(file: string): unknown {
  try {
    return statSync(file).size > mostBytes ? null : JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}

/** Positions are counted from one. */
function placeOf([at, ...path]: readonly PropertyKey[]): string {
  if (at === undefined) return "the file";
  return [`entry ${Number(at) + 1}`, ...(path.length > 0 ? [path.map(String).join(".")] : [])].join(
    ", ",
  );
}
