import { expect, it } from "vitest";
import { closeUnfinishedMarks } from "@/components/chat/markdown/markdown";

it.each([
  ["nothing to close", "Plain words", "Plain words"],
  ["bold that has begun", "I use **Read a", "I use **Read a**"],
  ["bold before its next word", "I use **Read ", "I use **Read**"],
  ["bold that is complete", "**Done**", "**Done**"],
  ["a mark that opens nothing yet", "I use **", "I use "],
  ["half a closing mark", "I use **Read*", "I use **Read**"],
  ["code that has begun", "Read `notes.m", "Read `notes.m`"],
  ["stars inside code", "Match `a**b` first", "Match `a**b` first"],
  ["a link without its address", "See [the handbook](https://exa", "See the handbook"],
  ["a whole link", "See [it](https://example.com)", "See [it](https://example.com)"],
  ["an open code block", "```ts\nconst a = `x", "```ts\nconst a = `x"],
  ["words after a code block", "```\na\n```\n\nThen **go", "```\na\n```\n\nThen **go**"],
  ["an earlier paragraph", "One ** two\n\nThree", "One ** two\n\nThree"],
])("renders %s in its final form", (_, written, drawn) => {
  expect(closeUnfinishedMarks(written)).toBe(drawn);
});
