import { InvalidInputError, NotFoundError } from "@/lib/errors";

/** NUL and half of a surrogate pair: Postgres takes neither, and no text that somebody means has them. */
function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}

/**
 * What a request names by its path and its query.
 *
 * @throws NotFoundError nothing has such an id; InvalidInputError by parameter
 */
export function checkAddress(request: Request, params: unknown): void {
  const named = Object.values((params ?? {}) as object).flat();
  if (named.some((each) => typeof each === "string" && !isStorable(each))) {
    throw new NotFoundError("Nothing has this address. Check it for strange characters.");
  }
  for (const [name, value] of new URL(request.url).searchParams) {
    if (isStorable(name) && isStorable(value)) continue;
    throw new InvalidInputError(
      { [isStorable(name) ? name : ""]: "This has a character that no text may have; remove it." },
      "The address has a character that no text may have, such as %00. Remove it.",
    );
  }
}

/** @param value of a request's body. @throws InvalidInputError by field */
export function checkBody(value: unknown): void {
  const left: { value: unknown; path: string }[] = [{ value, path: "" }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { value: at, path } = next;
    if (typeof at === "string" && !isStorable(at)) throw unstorable(path);
    if (typeof at !== "object" || at === null) continue;
    for (const [name, inner] of Object.entries(at)) {
      if (!isStorable(name)) throw unstorable(path);
      left.push({ value: inner, path: path === "" ? name : `${path}.${name}` });
    }
  }
}

function unstorable(field: string): InvalidInputError {
  return new InvalidInputError({
    [field]: "This has a character that no text may have, such as NUL. Remove it.",
  });
}
