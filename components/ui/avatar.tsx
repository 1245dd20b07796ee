import { cn } from "./class-names";

const hues = [
  "bg-[oklch(0.91_0.05_200)] text-[oklch(0.38_0.08_205)] dark:bg-[oklch(0.34_0.055_200)] dark:text-[oklch(0.88_0.07_195)]",
  "bg-[oklch(0.91_0.05_260)] text-[oklch(0.38_0.12_262)] dark:bg-[oklch(0.34_0.07_262)] dark:text-[oklch(0.88_0.06_258)]",
  "bg-[oklch(0.91_0.05_310)] text-[oklch(0.4_0.12_312)] dark:bg-[oklch(0.34_0.07_312)] dark:text-[oklch(0.88_0.06_310)]",
  "bg-[oklch(0.91_0.05_10)] text-[oklch(0.4_0.12_12)] dark:bg-[oklch(0.34_0.07_12)] dark:text-[oklch(0.88_0.06_12)]",
  "bg-[oklch(0.92_0.06_75)] text-[oklch(0.41_0.09_65)] dark:bg-[oklch(0.34_0.05_70)] dark:text-[oklch(0.89_0.08_80)]",
  "bg-[oklch(0.92_0.05_150)] text-[oklch(0.39_0.09_152)] dark:bg-[oklch(0.34_0.055_152)] dark:text-[oklch(0.88_0.08_152)]",
] as const;

function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/[\s@._-]+/)
    .filter(Boolean);
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words[words.length - 1] ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}

function hueOf(seed: string): string {
  let sum = 0;
  for (const character of seed) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hues[sum % hues.length] ?? hues[0];
}

export type AvatarProps = {
  name: string;
  /** Decides the colour, for example the email address; the name by default. */
  seed?: string | undefined;
};

/** Decoration beside a written name: hidden from screen readers. */
export function Avatar({ name, seed }: AvatarProps) {
  return (
    <span
      aria-hidden="true"
      className={cn(
        "inline-flex size-7 shrink-0 select-none items-center justify-center rounded-full font-semibold text-2xs",
        hueOf(seed ?? name),
      )}
    >
      {initialsOf(name)}
    </span>
  );
}
