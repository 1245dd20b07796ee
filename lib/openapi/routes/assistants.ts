import {
  assistantDetail,
  assistantFormContext,
  assistantInput,
  assistantList,
  assistantServerView,
  exampleProposal,
  exampleProposalInput,
  savedAssistant,
} from "@/lib/contracts/assistant";
import type { ApiTopic } from "../route";

const input = { name: "AssistantInput", schema: assistantInput };
const saved = { name: "SavedAssistant", schema: savedAssistant };

export const assistantRoutes: ApiTopic = {
  title: "Assistants",
  routes: [
    {
      method: "GET",
      path: "/api/assistants",
      summary: "List assistants",
      permission: "assistants.view",
      answer: { status: 200, json: { name: "AssistantList", schema: assistantList } },
    },
    {
      method: "POST",
      path: "/api/assistants",
      summary: "Add an assistant",
      permission: "assistants.manage",
      body: input,
      answer: { status: 201, json: saved },
      errors: [409],
    },
    {
      method: "GET",
      path: "/api/assistants/{assistantId}",
      summary: "Get an assistant",
      permission: "assistants.manage",
      answer: { status: 200, json: { name: "Assistant", schema: assistantDetail } },
    },
    {
      method: "PUT",
      path: "/api/assistants/{assistantId}",
      summary: "Change an assistant",
      permission: "assistants.manage",
      body: input,
      answer: { status: 200, json: saved },
      errors: [409],
    },
    {
      method: "DELETE",
      path: "/api/assistants/{assistantId}",
      summary: "Delete an assistant",
      permission: "assistants.manage",
      answer: { status: 204 },
    },
    {
      method: "GET",
      path: "/api/assistants/{assistantId}/servers/{serverId}",
      summary: "Get the tools that an assistant has of a server",
      permission: "assistants.manage",
      answer: { status: 200, json: { name: "AssistantServer", schema: assistantServerView } },
    },
    {
      method: "POST",
      path: "/api/assistants/examples",
      summary: "Propose example sentences, by the assistant's model and from its tools",
      permission: "assistants.manage",
      body: { name: "ExampleProposalInput", schema: exampleProposalInput },
      answer: { status: 200, json: { name: "ExampleProposal", schema: exampleProposal } },
    },
    {
      method: "GET",
      path: "/api/assistants/form-context",
      summary: "List what a new assistant can choose from",
      permission: "assistants.manage",
      answer: { status: 200, json: { name: "AssistantFormContext", schema: assistantFormContext } },
    },
  ],
};
