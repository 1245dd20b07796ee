import { parse } from "csv-parse/sync";
import { emailAddress, type Role, role } from "@/lib/contracts/people/person";

/** A person to invite, or why they are left out. */
export type ReadRow =
  | { email: string; role: Role; entered: string }
  | { email: null; reason: string; entered: string };

const longestEntered = 200;

/**
 * Reads addresses from any pasted text: a list, "Ada <ada@example.com>", or CSV with or without a header. Each is
 * read separately, so that an odd row affects no other. A repeated address counts once.
 */
export function readInvitations(text: string, otherwise: Role): ReadRow[] {
  const [first = [], ...rest] = readCells(text);
  const header = first.some(hasAddress) ? null : first.map((cell) => cell.trim().toLowerCase());
  const roleAt = header?.indexOf("role") ?? -1;
  const isHeader = header?.some((name) => /^(e-?mail|address|name|role)/.test(name)) ?? false;
  const rows = isHeader ? rest : [first, ...rest];
  const seen = new Set<string>();
  return rows
    .flatMap((cells) => readCellsOf(cells, roleAt, otherwise))
    .filter(({ email, entered }) => {
      const key = email ?? `left out: ${entered}`;
      return !seen.has(key) && seen.add(key);
    });
}

/** Line by line, so that an unclosed quote costs at most its own line. */
function readCells(text: string): string[][] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/[\r\n]+/)
    .map((line) => cellsOf(line).map((cell) => cell.trim()))
    .filter((cells) => cells.some((cell) => cell !== ""));
}

function cellsOf(line: string): string[] {
  const delimiter = [";", "\t"].find((each) => line.includes(each)) ?? ",";
  try {
    const [cells = []] = parse(line, { delimiter, trim: true }) as string[][];
    return cells;
  } catch {
    // Not CSV, for example "Hopper, Grace" <grace@example.com>.
    return line.replaceAll('"', "").split(delimiter);
  }
}

function hasAddress(cell: string): boolean {
  return cell.includes("@");
}

/** One person, or a line of several addresses. */
function readCellsOf(cells: string[], roleAt: number, otherwise: Role): ReadRow[] {
  const addresses = cells.filter(hasAddress);
  const entered = cells.join(", ").slice(0, longestEntered);
  if (addresses.length === 0) return [{ email: null, entered, reason: "No email address" }];
  const named = roleAt >= 0 ? cells[roleAt] : cells.find((cell) => readRole(cell) !== null);
  const chosen = named ? readRole(named) : otherwise;
  return addresses.map((cell): ReadRow => {
    const [, inBrackets] = /<([^<>]*)>/.exec(cell) ?? [];
    const read = emailAddress.safeParse(inBrackets ?? cell);
    const one = cell.slice(0, longestEntered);
    if (!read.success) return { email: null, entered: one, reason: "Not a valid email address" };
    if (chosen === null) {
      const reason = `“${String(named).slice(0, 40)}” is not a role. Use member, auditor or admin.`;
      return { email: null, entered: one, reason };
    }
    return { email: read.data, role: chosen, entered: one };
  });
}

function readRole(cell: string): Role | null {
  return role.safeParse(cell.trim().toUpperCase()).data ?? null;
}
