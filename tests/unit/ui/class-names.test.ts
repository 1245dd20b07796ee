import { extendTailwindMerge } from "tailwind-merge";
import { describe, expect, it } from "vitest";
import { cn } from "@/components/ui/class-names";
import { readSourceFiles } from "@/tests/support/source-file";

/** tailwind-merge with its full table, which is too large for every page. */
const whole = extendTailwindMerge({
  extend: { theme: { text: ["2xs"], shadow: ["overlay", "control"] } },
});

/** Words in the components' strings that mean something to Tailwind. */
function classesOfTheSource(): string[] {
  const files = readSourceFiles("app", "components");
  const users = files.filter(({ path }) => path !== "components/ui/class-names.ts");
  const words = users.flatMap(({ code }) =>
    [...code.matchAll(/"([^"\n]*)"|`([^`]*)`/g)].flatMap(([, quoted, template]) =>
      (quoted ?? template ?? "").split(/\s+/),
    ),
  );
  return [...new Set(words)].filter((word) => word && whole(`${word} ${word}`) === word);
}

/** Without `hover:` and the like. */
function baseOf(name: string): string {
  let depth = 0;
  let from = 0;
  for (const [at, character] of [...name].entries()) {
    if ("[(".includes(character)) depth += 1;
    if ("])".includes(character)) depth -= 1;
    if (character === ":" && depth === 0) from = at + 1;
  }
  return name.slice(from);
}

function firstWord(name: string): string {
  return name.replace(/^-/, "").split("-")[0] ?? "";
}

describe("class names", () => {
  it("are merged as with the full table of tailwind-merge, for every class in use", () => {
    const classes = classesOfTheSource();
    const bases = [...new Set(classes.map(baseOf))];
    expect(bases.length).toBeGreaterThan(400);
    // All pairs would take too long: those with the same prefix, and of the others one for each name.
    const byName = new Map(bases.map((base) => [base.replace(/-([^-[(]+|[[(].*)$/, ""), base]));
    const ofEachName = [...byName.values()];
    const pairs = [
      ...bases.flatMap((one) =>
        bases.filter((two) => firstWord(two) === firstWord(one)).map((two) => [one, two] as const),
      ),
      ...ofEachName.flatMap((one) => ofEachName.map((two) => [one, two] as const)),
    ];
    const wrong = pairs.filter(([one, two]) => cn(one, two) !== whole(`${one} ${two}`));
    expect(wrong).toEqual([]);
  });

  it("are merged under a condition only with those under the same condition", () => {
    const wrong = classesOfTheSource().filter((name) => {
      const [one, other] = [`${name} ${baseOf(name)}`, `dark:${name} dark:hover:${name}`];
      return cn(one) !== whole(one) || cn(other) !== whole(other) || cn(name, name) !== name;
    });
    expect(wrong).toEqual([]);
    expect(cn("px-2 hover:px-3", false, "px-4")).toBe("hover:px-3 px-4");
  });
});
