import type { GetStartedStep } from "@/lib/contracts/get-started";

export interface StepWords {
  title: string;
  /** What is missing, or what exists. */
  text: string;
  /** Where the step is done, or can be viewed. */
  action: { label: string; href: string };
}

/** A step as people read it: one sentence, and one action. */
export function stepWords(step: GetStartedStep): StepWords {
  switch (step.step) {
    case "model":
      return { title: "Connect a language model", ...modelWords(step) };
    case "server":
      return { title: "Add an MCP server", ...serverWords(step) };
    case "assistant":
      return { title: "Create an assistant", ...assistantWords(step) };
    case "people":
      return { title: "Invite your team", ...peopleWords(step) };
    default:
      return step satisfies never;
  }
}

type Of<Name> = Extract<GetStartedStep, { step: Name }>;
type Words = Omit<StepWords, "title">;

function modelWords({ state, subject }: Of<"model">): Words {
  const href = "/settings/models";
  switch (state) {
    case "ready":
      return { text: `${subject?.name} is available.`, action: { label: "View models", href } };
    case "not_offered":
      return {
        text: "A provider is connected. Offer one of its models.",
        action: { label: "Offer a model", href },
      };
    case "missing":
      return {
        text: "Until then, the built-in practice assistant answers in the chat.",
        action: { label: "Add a provider", href },
      };
    default:
      return state satisfies never;
  }
}

function serverWords({ state, subject }: Of<"server">): Words {
  const name = subject?.name;
  const page = `/mcp-servers/${subject?.id}`;
  switch (state) {
    case "ready":
      return { text: `${name} is ready.`, action: { label: "View server", href: page } };
    case "no_tools":
      return {
        text: `Usher has not found any tools of ${name} yet.`,
        action: { label: "Open server", href: page },
      };
    case "no_account":
      return {
        text: `${name} is added. Authorize it so that Usher can call its tools.`,
        action: { label: "Authorize", href: page },
      };
    case "no_key":
      return {
        text: `${name} is added. Enter your key so that Usher can read its tools.`,
        action: { label: "Enter your key", href: page },
      };
    case "switched_off":
      return {
        text: `${name} is switched off.`,
        action: { label: "Open server", href: page },
      };
    case "missing":
      return {
        text: "MCP servers provide the tools, such as reading a wiki page or opening an issue.",
        action: { label: "Add a server", href: "/mcp-servers/new" },
      };
    default:
      return state satisfies never;
  }
}

function assistantWords({ state, subject }: Of<"assistant">): Words {
  const page = `/assistants/${subject?.id}`;
  switch (state) {
    case "ready":
      return {
        text: `${subject?.name} can call tools.`,
        action: { label: "View assistant", href: page },
      };
    case "no_server":
      return {
        text: `${subject?.name} has no MCP server yet.`,
        action: { label: "Choose its servers", href: page },
      };
    case "missing":
      if (subject) {
        return {
          text: `Choose which tools of ${subject.name} it may call.`,
          action: { label: "Add to an assistant", href: `/mcp-servers/${subject.id}` },
        };
      }
      return {
        text: "An assistant answers in the chat, with the tools that you choose for it.",
        action: { label: "New assistant", href: "/assistants/new" },
      };
    default:
      return state satisfies never;
  }
}

function peopleWords({ state }: Of<"people">): Words {
  switch (state) {
    case "joined":
      return {
        text: "Others have joined.",
        action: { label: "View people", href: "/people" },
      };
    case "invited":
      return {
        text: "An invitation is open.",
        action: { label: "View invitations", href: "/people?show=invited" },
      };
    case "missing":
      return {
        text: "Share a link. Each person joins with their own account.",
        action: { label: "Invite people", href: "/people?invite=1" },
      };
    default:
      return state satisfies never;
  }
}
