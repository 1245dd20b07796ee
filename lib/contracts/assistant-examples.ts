import * as z from "zod";

export const mostExamples = 4;
/** In UTF-16 code units, as an input field counts. */
export const longestExample = 200;

/** In their stored form: on one line each, none twice in any case, and no blank ones. */
export function tidyExamples(sentences: readonly string[]): string[] {
  const tidy = new Map<string, string>();
  for (const sentence of sentences) {
    const line = sentence.replace(/[\s\p{Cc}]+/gu, " ").trim();
    const key = line.normalize("NFC").toLowerCase();
    if (line !== "" && !tidy.has(key)) tidy.set(key, line);
  }
  return [...tidy.values()];
}

/** Sentences that an admin wrote, for people to try in an empty chat. */
export const writtenExamples = z
  .array(
    z
      .string()
      .trim()
      .max(longestExample, `An example may have ${longestExample} characters at most.`),
  )
  .overwrite(tidyExamples)
  .max(mostExamples, `An assistant may have ${mostExamples} examples at most.`);

/** Replaces each empty field with the next proposal that is not listed yet. */
export function fillExamples(fields: readonly string[], proposed: readonly string[]): string[] {
  const written = tidyExamples(fields).length;
  const added = tidyExamples([...fields, ...proposed]).slice(written);
  return fields.map((field) => (field.trim() === "" ? (added.shift() ?? field) : field));
}
