import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { DynamicToolUIPart } from "ai";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { ToolLine } from "@/components/assistants/tool-line";
import { ToolReviewEntry } from "@/components/assistants/tool-review-entry";
import { AuditTable } from "@/components/audit/audit-table";
import { Markdown } from "@/components/chat/markdown/markdown";
import { ConfirmToolCall } from "@/components/chat/tool-calls/confirm-tool-calls";
import { describeToolCall } from "@/components/chat/tool-calls/tool-call";
import { ToolCallCard } from "@/components/chat/tool-calls/tool-call-card";
import { ToolCallDetails } from "@/components/chat/tool-calls/tool-call-details";
import { TurnError } from "@/components/chat/turn/message-view";
import type { Conversation } from "@/components/chat/turn/use-conversation";
import { ConversationContext } from "@/components/chat/turn/use-conversation";
import { ToolDetails, ToolRow } from "@/components/mcp-servers/detail/tool-row";
import type { ToolContent } from "@/lib/contracts/chat/chat";
import { hostileTexts, strangersHost } from "@/tests/support/hostile-text";

/** Everything that could turn, hide or overprint the text beside it. */
const deceivers =
  /(?![\t\n])[\p{Cc}\u00ad\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]|\p{M}{9}/u;

const tool = (text: string) => ({
  name: "read_file",
  title: null,
  description: text,
  inputSchema: {
    properties: { [text]: { type: text, description: text, enum: [text, "b"] } },
    required: [text],
  },
  annotations: {},
});

const account = (text: string) => ({
  ...{ toolCallId: "1", serverId: "1", serverName: text, toolName: text, toolTitle: text },
  ...{ readOnly: false, actingAs: text },
});

function call(text: string, part: object) {
  const whole = { type: "dynamic-tool", toolCallId: "1", toolName: text, ...part };
  return describeToolCall(whole as DynamicToolUIPart, {
    ...{ account: account(text), paused: null, prompt: null, asked: false, busy: false },
  });
}

const answered = (text: string, ...content: ToolContent[]) =>
  call(text, { state: "output-available", input: {}, output: { content, truncated: false } });

const nothing = () => undefined;

/** Where a person bases a decision on a text: nothing in it may hide or turn what they read. */
const decidedBy: Record<string, (text: string) => ReactNode> = {
  "the list of tools": (text) => <ToolRow tool={tool(text)} />,
  "a tool of that list": (text) => <ToolDetails tool={tool(text)} />,
  "the form of an assistant": (text) => (
    <ToolLine
      tool={{ name: "read_file", title: null, description: text, readOnly: true, missing: false }}
      {...{ chosen: true, policy: null, onChoose: null, onDecide: nothing }}
    />
  ),
  "the card that asks to run a call": (text) => (
    <ConfirmToolCall
      paused={null}
      call={call(text, { state: "input-available", input: { [text]: text, list: [text] } })}
    />
  ),
  "what changed in a tool": (text) => (
    <ToolReviewEntry
      review={{
        ...{ toolName: "read_file", title: null, standing: "changed", since: null },
        ...{ fingerprint: "", readOnly: false },
        changes: [
          { field: "description", lines: [{ kind: "added", text }] },
          { field: "inputSchema", lines: [{ kind: "removed", text }] },
        ],
      }}
      {...{ accepted: false, accepting: false, onAccept: nothing }}
    />
  ),
  "the line of a tool call": (text) => <ToolCallCard call={answered(text)} />,
  "the arguments of a tool call": (text) => (
    <ToolCallDetails call={call(text, { state: "input-available", input: { [text]: text } })} />
  ),
  "the audit": (text) => (
    <AuditTable
      events={[
        {
          ...{ id: "1", at: "2026-01-01T00:00:00.000Z", action: "tool.call", actorId: null },
          ...{ actorEmail: text, serverId: null, serverName: text, ownerKey: null },
          ...{ ipAddress: null, details: { tool: text, actingAs: text, outcome: "failed" } },
        },
      ]}
    />
  ),
};

/** Where it is quoted verbatim, in a separate place. */
const told: Record<string, (text: string) => ReactNode> = {
  "an answer in the chat": (text) => <Markdown text={text} />,
  "the result of a tool call": (text) => (
    <ToolCallDetails
      call={answered(
        "read_file",
        { type: "text", text },
        { type: "image", mimeType: "image/svg+xml", data: text },
        { type: "image", mimeType: text, data: "AAAA" },
        { type: "resource_link", uri: text, name: text },
        { type: "resource", resource: { uri: text, text } },
      )}
    />
  ),
  "the error of a tool call": (text) => (
    <ToolCallDetails
      call={call("read_file", { state: "output-error", input: {}, errorText: text })}
    />
  ),
  "the card of an error": (text) => (
    <TurnError error={{ message: text, retryable: true, stopped: false }} last />
  ),
};

const texts = Object.entries(hostileTexts);

describe.each(Object.entries({ ...decidedBy, ...told }))("in %s", (_, render) => {
  it.each(texts)("%s stays text", (_name, text) => {
    const html = markupOf(render(text));
    const empty = markupOf(render("word"));
    expect(elementsOf(html)).not.toContain("script");
    expect(
      elementsOf(html).filter((each) => /^(img|iframe|style|object|link|base)$/.test(each)),
    ).toEqual([]);
    expect(html).not.toMatch(/<[^>]* on\w+=/i);
    expect(html).not.toMatch(/<[^>]* (src|srcset|style)=/i);
    for (const [, href = ""] of html.matchAll(/<[^>]* href="([^"]*)"/g)) {
      expect(href).toMatch(/^https?:\/\//);
    }
    // A URL in Markdown is a link that a person may follow, and nothing else follows it.
    if (html.includes(strangersHost)) expect(html).not.toMatch(/<(?!a )[^>]*phone-home/);
    expect(empty).toContain("word");
  });
});

describe.each(Object.entries(decidedBy))("in %s", (_, render) => {
  it.each(texts)("%s neither hides nor reorders anything", (_name, text) => {
    expect(markupOf(render(text)).match(deceivers)).toBeNull();
  });
});

function markupOf(node: ReactNode): string {
  const conversation = { detail: { id: "1" }, session: {}, busy: false };
  return renderToStaticMarkup(
    <QueryClientProvider client={new QueryClient()}>
      <ConversationContext value={conversation as unknown as Conversation}>
        {node}
      </ConversationContext>
    </QueryClientProvider>,
  );
}

function elementsOf(html: string): string[] {
  return [...html.matchAll(/<([a-z][\w-]*)/gi)].map(([, name = ""]) => name.toLowerCase());
}
