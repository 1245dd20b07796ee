import { type ClassValue, clsx } from "clsx";

const merged = new Map<string, string>();

/**
 * Joins class names; of two Tailwind classes that set the same thing, the later one wins. It is on
 * every page: tailwind-merge does the same for all of Tailwind in six times the bytes. A test
 * compares the two for every class in the source, and names what is missing here.
 */
export function cn(...classes: ClassValue[]): string {
  const text = clsx(classes);
  let result = merged.get(text);
  if (result === undefined) {
    result = merge(text);
    if (merged.size >= 1000) merged.clear();
    merged.set(text, result);
  }
  return result;
}

/** `dark:hover:` `bg-text` `!`; a colon in brackets ends no condition. */
const parts = /^((?:(?:[^[\]():]|\[(?:[^[\]]|\[[^\]]*\])*\]|\([^)]*\))+:)*)(.*?)(!?)$/;

function merge(text: string): string {
  const taken = new Set<string>();
  const kept: string[] = [];
  for (const name of text.split(" ").reverse()) {
    const [, conditions = "", base = "", important = ""] = parts.exec(name) ?? [];
    const group = groupOf(base);
    const when = conditions + important;
    if (group && taken.has(when + group)) continue;
    if (group) for (const each of [group, ...(covers[group] ?? [])]) taken.add(when + each);
    kept.unshift(name);
  }
  return kept.join(" ");
}

/** Classes that set one property, with or without a value: `p`, `p-4`, `p-[3px]`. */
const byName =
  "accent align animate appearance basis bottom content cursor divide-y field-sizing fill from gap gap-x gap-y grid-cols h inset inset-x inset-y items justify justify-items justify-self leading left line-clamp list m max-h max-w mb min-h min-w ml mr mt mx my opacity order outline-offset overflow overflow-x overflow-y overscroll p pb pl pointer-events pr pt px py resize right ring rotate rounded rounded-b rounded-br rounded-t scale select self shadow shrink size stroke to top touch tracking transition translate-x translate-y underline-offset w whitespace z bg text border divide decoration outline col-span col-start border-t border-r border-b border-l";

/** Names that alone do not say what is set. */
const byWord: Record<string, string> = {
  display: "block contents flex grid hidden inline inline-block inline-flex table",
  position: "absolute fixed relative static sticky",
  screenReader: "not-sr-only sr-only",
  container: "@container",
  isolation: "isolate",
  numerals: "tabular-nums",
  overflown: "truncate",
  line: "line-through no-underline underline",
  direction: "flex-col flex-col-reverse flex-row",
  wrap: "flex-nowrap flex-wrap",
  flex: "flex-1 flex-auto flex-initial flex-none",
  family: "font-mono font-sans",
  weight: "font-bold font-medium font-normal font-semibold",
  textAlign: "text-center text-left text-right",
  textTransform: "capitalize lowercase normal-case uppercase",
  textWrap: "text-balance text-nowrap text-pretty text-wrap",
  fontSize: "text-2xs text-xs text-sm text-base text-lg text-xl text-2xl",
  collapse: "border-collapse border-separate",
  borderStyle: "border-dashed border-none border-solid",
  outlineStyle: "outline-hidden outline-none",
};

/** For names that mean a colour unless followed by a number or a length. */
const byShape: readonly (readonly [RegExp, string])[] = [
  [/^bg-(linear|none)/, "image"],
  [/^border(-\d+|-\[[\d.]+(px|r?em)\])?$/, "borderWidth"],
  [/^outline(-\d+)?$/, "outlineWidth"],
  [/^ring(-\d+)?$/, "ringWidth"],
  [/^text-\[[\d.]+(px|r?em)\]$/, "fontSize"],
];

/** What else a group sets: earlier classes of these groups are dropped too. */
export const covers: Readonly<Record<string, readonly string[]>> = {
  overflow: ["overflow-x", "overflow-y"],
  inset: ["inset-x", "inset-y", "top", "right", "bottom", "left"],
  "inset-x": ["right", "left"],
  "inset-y": ["top", "bottom"],
  flex: ["basis", "shrink"],
  gap: ["gap-x", "gap-y"],
  p: ["px", "py", "pt", "pr", "pb", "pl"],
  px: ["pr", "pl"],
  py: ["pt", "pb"],
  m: ["mx", "my", "mt", "mr", "mb", "ml"],
  mx: ["mr", "ml"],
  my: ["mt", "mb"],
  size: ["w", "h"],
  fontSize: ["leading"],
  "line-clamp": ["display", "overflow"],
  rounded: ["rounded-t", "rounded-b", "rounded-br"],
  "rounded-b": ["rounded-br"],
  borderWidth: ["border-t", "border-r", "border-b", "border-l"],
};

const names = new Set(byName.split(" "));
const words = new Map(
  Object.entries(byWord).flatMap(([group, list]) =>
    list.split(" ").map((word) => [word, group] as const),
  ),
);

/**
 * What a Tailwind class sets: of two in one group the later wins. Null if it is not one that this
 * app uses.
 *
 * @param name without its conditions (`hover:`)
 */
function groupOf(name: string): string | null {
  const known = words.get(name) ?? byShape.find(([shape]) => shape.test(name))?.[1];
  if (known) return known;
  const property = /^\[([\w-]+):/.exec(name)?.[1];
  if (property) return `[${property}]`;
  let part = name.replace(/^-/, "").replace(/[[(].*/, "");
  for (;;) {
    if (names.has(part)) return part;
    const end = part.lastIndexOf("-");
    if (end < 1) return null;
    part = part.slice(0, end);
  }
}
