import { type ReadArguments, readArguments } from "./read-arguments";
import { mask, type Sentence } from "./sentence";
import type { ToolProfile } from "./tool-profile";
import { type Concept, conceptsIn, stem, stems, words } from "./words";

/** `placed`: the message names its server. */
export type Candidate = { tool: ToolProfile; score: number; read: ReadArguments; placed: boolean };

/** How strongly each thing suggests that a tool is meant. */
const weights = {
  nameWord: 3,
  /** A word in the names of most tools. */
  commonNameWord: 1,
  wholeWord: 1,
  verb: 2,
  identity: 6,
  descriptionWord: 0.75,
  mostOfDescription: 3,
  pathForFile: 1,
  filled: 2,
  filledByTheRest: 0.6,
  missing: -2,
  unused: -1.5,
} as const;

/**
 * The tools that a sentence may mean, best first, equal ones in the given order.
 * @param whole the message that contains the sentence; it may name a server for all of it
 */
export function rankTools(
  tools: readonly ToolProfile[],
  sentence: Sentence,
  whole: string,
): Candidate[] {
  const spoken = mask(sentence.text, [...sentence.quoted, ...sentence.files, ...sentence.urls]);
  const heard: Heard = {
    sentence,
    stems: new Set(stems(spoken)),
    words: new Set(words(spoken)),
    concepts: conceptsIn(mask(sentence.text, sentence.quoted), spoken),
    places: allStems(spoken),
    placesOfWhole: allStems(whole),
  };
  return tools
    .flatMap((tool) => rank(tool, tools, heard) ?? [])
    .sort((one, other) => other.score - one.score);
}

/** A sentence, parsed once for all tools. */
type Heard = {
  sentence: Sentence;
  stems: ReadonlySet<string>;
  words: ReadonlySet<string>;
  concepts: ReadonlySet<Concept>;
  places: ReadonlySet<string>;
  placesOfWhole: ReadonlySet<string>;
};

function allStems(text: string): Set<string> {
  return new Set(words(text).map(stem));
}

function rank(tool: ToolProfile, tools: readonly ToolProfile[], heard: Heard): Candidate | null {
  const wording = wordScore(tool, tools, heard);
  if (wording === 0) return null;
  const here = placeScore(tool, tools, heard.places);
  const place = Math.max(here, placeScore(tool, tools, heard.placesOfWhole) / 3);
  const read = readArguments(tool, heard.sentence);
  const score = wording + place + argumentScore(tool, heard.sentence, read);
  return { tool, score, read, placed: place > 0 };
}

/** 0 if only the description suggests the tool, or too little of it. */
function wordScore(tool: ToolProfile, tools: readonly ToolProfile[], heard: Heard): number {
  let score = 0;
  for (const nameStem of tool.nameStems) {
    if (!heard.stems.has(nameStem)) continue;
    const sharing = tools.filter((other) => other.nameStems.has(nameStem)).length;
    const common = sharing > 1 && sharing > tools.length * 0.6;
    score += common ? weights.commonNameWord : weights.nameWord;
  }
  for (const word of tool.nameWords) {
    if (stem(word) !== word && heard.words.has(word)) score += weights.wholeWord;
  }
  for (const concept of tool.concepts) {
    if (!heard.concepts.has(concept)) continue;
    score += concept === "identify" ? weights.identity : weights.verb;
  }
  const described = [...heard.stems].filter(
    (one) => !tool.nameStems.has(one) && tool.descriptionStems.has(one),
  ).length;
  if (score === 0 && described < 2) return 0;
  return score + Math.min(described * weights.descriptionWord, weights.mostOfDescription);
}

function argumentScore(tool: ToolProfile, sentence: Sentence, read: ReadArguments): number {
  const required = tool.parameters.filter((parameter) => parameter.required).length;
  const takesPath = tool.parameters.some(({ role }) => role === "path");
  let score = sentence.files.length > 0 && takesPath ? weights.pathForFile : 0;
  if (read.missing.length > 0) score += weights.missing;
  else if (required > 0) {
    score += read.explicit >= required ? weights.filled : weights.filledByTheRest;
  }
  return read.unused > read.more.length ? score + weights.unused : score;
}

/** How clearly a text names a tool's server. Words that also name tools do not count. */
function placeScore(
  tool: ToolProfile,
  tools: readonly ToolProfile[],
  said: ReadonlySet<string>,
): number {
  const owned = possessives.filter(({ says }) => says.some((word) => said.has(word)));
  let own = 0;
  let shared = 0;
  for (const serverStem of tool.serverStems) {
    if (tools.some((other) => other.nameStems.has(serverStem))) continue;
    const servers = new Set(
      tools.filter((other) => other.serverStems.has(serverStem)).map((other) => other.serverName),
    );
    if (said.has(serverStem)) {
      if (servers.size === 1) own = 3;
      else shared = 1;
    } else if (owned.some(({ means }) => means.includes(serverStem))) own = Math.max(own, 1.5);
  }
  return own + shared;
}

/** `my to-do list` is on the personal server, `our holidays` on the team's. */
const possessives = [
  { says: ["my", "mine", "own"], means: ["personal", "private", "own"] },
  { says: ["our", "we"], means: ["team", "company", "shared"] },
];
