import {
  registryPage,
  registrySearchInput,
  registryVersionsInput,
} from "@/lib/contracts/catalogue/registry";
import {
  vendorServer,
  vendorServerList,
  vendorServerMatch,
  vendorServerMatchInput,
} from "@/lib/contracts/catalogue/vendor-server";
import { testStep, toolsToChoose } from "@/lib/contracts/servers/catalogue";
import { discoverInput, discoveryEvent } from "@/lib/contracts/servers/discovery";
import { flowList } from "@/lib/contracts/servers/flow";
import { mcpServerFormContext } from "@/lib/contracts/servers/form-context";
import {
  mcpServerDetail,
  mcpServerInput,
  mcpServerList,
  switchInput,
} from "@/lib/contracts/servers/mcp-server";
import { acceptToolsInput, serverToolReviews } from "@/lib/contracts/servers/tool-policy";
import type { ApiTopic } from "../route";

const detail = { name: "McpServer", schema: mcpServerDetail };
const input = { name: "McpServerInput", schema: mcpServerInput };
const reviews = { name: "ToolReviews", schema: serverToolReviews };

const registry = { name: "RegistryPage", schema: registryPage };

export const serverRoutes: ApiTopic = {
  title: "MCP servers",
  routes: [
    {
      method: "GET",
      path: "/api/mcp-servers",
      summary: "List MCP servers",
      permission: "servers.manage",
      answer: { status: 200, json: { name: "McpServerList", schema: mcpServerList } },
    },
    {
      method: "POST",
      path: "/api/mcp-servers",
      summary: "Add an MCP server",
      description: "Secrets in it are sealed, and no route gives them back.",
      permission: "servers.manage",
      body: input,
      answer: { status: 201, json: detail },
      errors: [409, 422],
    },
    {
      method: "GET",
      path: "/api/mcp-servers/{serverId}",
      summary: "Get an MCP server",
      permission: "servers.manage",
      answer: { status: 200, json: detail },
    },
    {
      method: "PUT",
      path: "/api/mcp-servers/{serverId}",
      summary: "Change an MCP server",
      description:
        "Stored secrets stay where the input leaves them out, unless the change would send them elsewhere.",
      permission: "servers.manage",
      body: input,
      answer: { status: 200, json: detail },
      errors: [409, 422],
    },
    {
      method: "DELETE",
      path: "/api/mcp-servers/{serverId}",
      summary: "Delete an MCP server",
      description: "Its tokens are revoked at the provider and deleted.",
      permission: "servers.manage",
      answer: { status: 204 },
    },
    {
      method: "PUT",
      path: "/api/mcp-servers/{serverId}/switch",
      summary: "Switch an MCP server off or on",
      description: "Its settings, accounts and assistants stay.",
      permission: "servers.manage",
      body: { name: "SwitchInput", schema: switchInput },
      answer: { status: 200, json: detail },
    },
    {
      method: "POST",
      path: "/api/mcp-servers/{serverId}/duplicate",
      summary: "Duplicate an MCP server",
      description: "With its settings and secrets, without accounts and assistants.",
      permission: "servers.manage",
      answer: { status: 201, json: detail },
      errors: [409],
    },
    {
      method: "POST",
      path: "/api/mcp-servers/{serverId}/test",
      summary: "Test the connection",
      description: "Each step as it happens. The list of tools is stored.",
      permission: "servers.test",
      answer: { status: 200, lines: { name: "TestStep", schema: testStep } },
    },
    {
      method: "GET",
      path: "/api/mcp-servers/{serverId}/tools",
      summary: "List a server's tools",
      description: "As they were last read.",
      permission: "assistants.manage",
      answer: { status: 200, json: { name: "ToolList", schema: toolsToChoose } },
    },
    {
      method: "POST",
      path: "/api/mcp-servers/{serverId}/tools",
      summary: "Read the tools again",
      description: "Where that is due.",
      permission: "servers.test",
      answer: { status: 200, json: detail },
    },
    {
      method: "GET",
      path: "/api/mcp-servers/{serverId}/tool-reviews",
      summary: "List tools that changed since an admin accepted them",
      permission: "assistants.manage",
      answer: { status: 200, json: reviews },
    },
    {
      method: "POST",
      path: "/api/mcp-servers/{serverId}/tool-reviews",
      summary: "Accept changed tools",
      permission: "assistants.manage",
      body: { name: "AcceptToolsInput", schema: acceptToolsInput },
      answer: { status: 200, json: reviews },
      errors: [409],
    },
    {
      method: "GET",
      path: "/api/mcp-servers/{serverId}/flows",
      summary: "List the latest OAuth flows",
      description: "Step by step, without secrets.",
      permission: "flows.view",
      answer: { status: 200, json: { name: "FlowList", schema: flowList } },
    },
    {
      method: "GET",
      path: "/api/mcp-servers/{serverId}/support-bundle",
      summary: "Download a support bundle",
      description: "What a provider's support needs to know, without secrets.",
      permission: "servers.manage",
      answer: { status: 200, stream: "application/json", description: "The bundle, as a file." },
    },
    {
      method: "POST",
      path: "/api/mcp-servers/discover",
      summary: "Find out how a server wants clients to authorize",
      description: "Each step as it happens, the result last.",
      permission: "servers.manage",
      body: { name: "DiscoverInput", schema: discoverInput },
      answer: { status: 200, lines: { name: "DiscoveryEvent", schema: discoveryEvent } },
    },
    {
      method: "GET",
      path: "/api/mcp-servers/form-context",
      summary: "Get what a new server's OAuth client needs",
      description: "Such as the redirect URL to register at the provider.",
      permission: "servers.manage",
      answer: { status: 200, json: { name: "McpServerFormContext", schema: mcpServerFormContext } },
    },
    {
      method: "GET",
      path: "/api/catalogue",
      summary: "List vendors' MCP servers",
      description: "The official ones that Usher knows.",
      permission: "servers.manage",
      answer: { status: 200, json: { name: "VendorServerList", schema: vendorServerList } },
    },
    {
      method: "GET",
      path: "/api/catalogue/{vendorServerId}",
      summary: "Get a vendor's MCP server",
      description: "How to connect it, and where these facts were read.",
      permission: "servers.manage",
      answer: { status: 200, json: { name: "VendorServer", schema: vendorServer } },
    },
    {
      method: "GET",
      path: "/api/catalogue/match",
      summary: "Find a vendor's MCP server by its URL",
      permission: "servers.manage",
      query: vendorServerMatchInput,
      answer: { status: 200, json: { name: "VendorServerMatch", schema: vendorServerMatch } },
    },
    {
      method: "GET",
      path: "/api/registry/servers",
      summary: "Search the MCP registry",
      description: "The one that MCP_REGISTRY_URL names. Its latest versions, a page at a time.",
      permission: "servers.manage",
      query: registrySearchInput,
      answer: { status: 200, json: registry },
      errors: [502],
    },
    {
      method: "GET",
      path: "/api/registry/servers/versions",
      summary: "List the versions of a server in the MCP registry",
      permission: "servers.manage",
      query: registryVersionsInput,
      answer: { status: 200, json: registry },
      errors: [502],
    },
  ],
};
