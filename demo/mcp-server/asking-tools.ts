import {
  type CallToolResult,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
  UrlElicitationRequiredError,
} from "@modelcontextprotocol/server";
import * as z from "zod";

const booking = z.object({
  day: z.iso.date().describe("When you need the room").meta({ title: "Day" }),
  people: z.int().min(1).max(12).default(4).meta({ title: "People" }),
  layout: z.enum(["round table", "rows of chairs"]).optional().meta({ title: "Layout" }),
  coffee: z.boolean().default(false).meta({ title: "Coffee" }),
});

/**
 * Tools that ask the person something during a call. For older clients the SDK sends separate requests
 * (`elicitation/create`).
 *
 * @param page where `link_calendar` and `sign_contract` send people
 */
export function askingTools(server: McpServer, page: string): void {
  server.registerTool(
    "book_room",
    {
      title: "Book a room",
      description: "Books a meeting room. Asks for the day and the rest.",
      inputSchema: z.object({ room: z.string().min(1).describe("Name of the room") }),
      annotations: { readOnlyHint: false, destructiveHint: false },
    },
    async ({ room }, context) => {
      const answer = answerIn(context);
      if (answer.kind === "elicit" && answer.action !== "accept") {
        return text(`Not booked: ${answer.action}.`);
      }
      const content = answer.kind === "elicit" ? booking.safeParse(answer.content) : null;
      if (content?.success) {
        const { day, people } = content.data;
        return text(`Booked ${room} on ${day} for ${people}.`);
      }
      return inputRequired({
        inputRequests: {
          answer: inputRequired.elicit({
            message: `When do you need ${room}, and for how many?`,
            requestedSchema: booking,
          }),
        },
        requestState: `booking ${room}`,
      });
    },
  );
  server.registerTool(
    "link_calendar",
    {
      title: "Link a calendar",
      description: "Links the person's calendar, on a page of the calendar's own.",
      inputSchema: z.object({}),
      annotations: { readOnlyHint: false, destructiveHint: false },
    },
    async (_input, context) => {
      const answer = answerIn(context);
      if (answer.kind === "elicit") {
        return text(answer.action === "accept" ? "Linked." : `Not linked: ${answer.action}.`);
      }
      const message = "Sign in to your calendar.";
      return inputRequired({
        inputRequests: { answer: inputRequired.elicitUrl({ message, url: page }) },
        requestState: "calendar",
      });
    },
  );
}

/**
 * A tool that refuses the call itself until the person has visited a page: the way of 2025-11-25.
 * @param signed the contracts that people have signed there
 */
export function contractTool(server: McpServer, page: string, signed: ReadonlySet<string>): void {
  server.registerTool(
    "file_contract",
    {
      title: "File a contract",
      description: "Files a contract that the person has signed.",
      inputSchema: z.object({ name: z.string().min(1) }),
      annotations: { readOnlyHint: false, destructiveHint: false },
    },
    async ({ name }) => {
      if (signed.has(name)) return text(`Filed ${name}.`);
      throw new UrlElicitationRequiredError([
        { mode: "url", elicitationId: name, message: `Read and sign ${name}.`, url: page },
      ]);
    },
  );
}

function answerIn(context: ServerContext) {
  return inputResponse(context.mcpReq.inputResponses, "answer");
}

function text(value: string): CallToolResult {
  return { content: [{ type: "text", text: value }] };
}
