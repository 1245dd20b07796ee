/** What a sentence asks for, whatever verb it uses. */
export type Concept = "read" | "list" | "search" | "write" | "delete" | "send" | "identify";

const conceptVerbs: Record<Exclude<Concept, "identify">, ReadonlySet<string>> = {
  read: new Set("read open show view display print cat fetch get load see download".split(" ")),
  list: new Set("list ls browse enumerate show see view dir index".split(" ")),
  search: new Set("search find look lookup grep query locate".split(" ")),
  write: new Set(
    "write save create add make put store append update edit change replace overwrite".split(" "),
  ),
  delete: new Set("delete remove erase trash rm".split(" ")),
  send: new Set("send post mail reply publish".split(" ")),
};

/** Sentences that ask for something without its verb. */
const phrases: readonly [RegExp, Concept][] = [
  [/\bwho\s*am\s*i\b|\bwhoami\b|\bwhich account\b|\bmy (account|profile|identity)\b/, "identify"],
  [/\b(what|which) \w+ (are there|do i have|can i|have i|exist|are in)\b/, "list"],
  [/\bwhat(?:'s| is| are)(?: there)? (?:in|on) (?:my|the|our) (?!\S+\.\w)/, "list"],
  [/\bwhere (is|are|can i find)\b|\bsays? about\b|\bis there anything\b/, "search"],
  [/\bwhat (does|do) \S+ say\b|\bcontents? of\b/, "read"],
  [/\bwhat(?:'s| is| stands) in (?:my |the |our )?\S+\.\w/, "read"],
];

const stopWords = new Set(
  "a an the and or of in on at to for from with by as is are was be do does did can could would should will may please me my i you your we our us it its this that these those there here what which who how any all some one just now then also about into using use via have has had want like let s file's".split(
    " ",
  ),
);

/** Lower-case words; `readFile` and `read_file` are two. */
export function words(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** Meaningful words, without their endings. */
export function stems(text: string): string[] {
  return words(text)
    .filter((word) => !stopWords.has(word))
    .map(stem);
}

export function stem(word: string): string {
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.length > 5 && /(ch|sh|s|x|z)es$/.test(word)) return word.slice(0, -2);
  if (word.length > 5 && word.endsWith("ing")) return undouble(word.slice(0, -3));
  if (word.length > 4 && word.endsWith("ed")) return undouble(word.slice(0, -2));
  if (word.length > 3 && word.endsWith("s") && !/(ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}

function undouble(word: string): string {
  const shorter = /([bdgmnprt])\1$/.test(word) ? word.slice(0, -1) : word;
  return /(at|iz|v|c|ut|rit|mak|sav|creat|stor|delet|remov|updat|chang|locat|replac)$/.test(shorter)
    ? `${shorter}e`
    : shorter;
}

export function conceptsOf(stemmed: string): readonly Concept[] {
  const concepts = Object.keys(conceptVerbs) as (keyof typeof conceptVerbs)[];
  return concepts.filter((concept) => conceptVerbs[concept].has(stemmed));
}

/**
 * What a whole sentence asks for.
 * @param spoken the sentence without the values in it, whose words are not verbs
 */
export function conceptsIn(sentence: string, spoken: string): Set<Concept> {
  const found = new Set(stems(spoken).flatMap(conceptsOf));
  const lower = sentence.toLowerCase();
  for (const [phrase, concept] of phrases) if (phrase.test(lower)) found.add(concept);
  return found;
}

/** What a tool does, by its name. */
export function conceptsOfName(name: string): Set<Concept> {
  const parts = words(name);
  const joined = parts.join("_");
  if (/(^|_)(whoami|who_am_i|me|myself|current_user|userinfo|my_account|profile)$/.test(joined)) {
    return new Set(["identify"]);
  }
  return new Set(parts.map(stem).flatMap(conceptsOf));
}

/** Every verb that starts a request. */
export function isVerb(word: string): boolean {
  return conceptsOf(word).length > 0;
}
