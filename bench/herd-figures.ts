import { count, type Figure } from "./row";

/** Of one herd: as the provider counted and said. */
export interface ProviderCount {
  posts: number;
  alive: boolean;
}

/** One token request and no failure, at the worst of all herds. */
export function herdFigures(
  posts: { what: string; each: number[] },
  failed: { what: string; against: string; each: number[] },
): Figure[] {
  const worst = (each: number[]) => Math.max(...each);
  const figure = (what: string, against: string, each: number[], exactly: number): Figure => ({
    ...{ what, against, value: count(worst(each)), unit: "", bar: { exactly } },
    detail: `${worst(each)}, the most of ${each.length} herds`,
  });
  return [
    figure(posts.what, "the provider's count", posts.each, 1),
    figure(failed.what, failed.against, failed.each, 0),
  ];
}

export function grantsAlive(herds: readonly ProviderCount[]): string {
  if (herds.every(({ alive }) => alive)) return "yes";
  return herds.some(({ alive }) => alive) ? "at times" : "no";
}

export function range(values: number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? `${most}` : `${least}–${most}`;
}
