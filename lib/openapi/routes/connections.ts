import * as z from "zod";
import {
  authorizationLink,
  authorizationLinkQuery,
} from "@/lib/contracts/connections/authorization-link";
import {
  connectionList,
  personalKeyInput,
  revokeInput,
  revokeResult,
  serverConnection,
} from "@/lib/contracts/connections/connection";
import {
  authorizeAgainLink,
  consolePage,
  consoleQuery,
  consoleRevokeInput,
  consoleRevokeResult,
} from "@/lib/contracts/connections/connection-console";
import { accountChange, accountList } from "@/lib/contracts/connections/own-account";
import type { ApiTopic } from "../route";

const authorization = { name: "Authorization", schema: authorizationLink };
const accounts = { name: "AccountList", schema: accountList };
const connection = { name: "Connection", schema: serverConnection };

export const connectionRoutes: ApiTopic = {
  title: "Connections",
  routes: [
    {
      method: "GET",
      path: "/api/connections",
      summary: "List connections",
      description: "Those of the team, and those of the key's owner.",
      permission: "connections.view",
      answer: { status: 200, json: { name: "ConnectionList", schema: connectionList } },
    },
    {
      method: "GET",
      path: "/api/connections/{serverId}",
      summary: "Get the connection to a server",
      permission: "connections.view",
      answer: {
        status: 200,
        json: {
          name: "ConnectionDetail",
          schema: serverConnection.extend({ mayAuthorize: z.boolean() }),
        },
      },
    },
    {
      method: "GET",
      path: "/api/connections/everyone",
      summary: "List everybody's connections",
      description:
        "For admins and auditors: each person's accounts and keys, and the shared ones. 50 a page.",
      permission: "connections.view-all",
      query: consoleQuery,
      answer: { status: 200, json: { name: "ConsolePage", schema: consolePage } },
    },
    {
      method: "POST",
      path: "/api/connections/everyone/revoke",
      summary: "Revoke connections of anybody",
      description: "For admins. 20 at once at most; the answer tells of each what came of it.",
      permission: "connections.manage",
      body: { name: "ConsoleRevokeInput", schema: consoleRevokeInput },
      answer: { status: 200, json: { name: "ConsoleRevokeResult", schema: consoleRevokeResult } },
    },
    {
      method: "POST",
      path: "/api/connections/everyone/{connectionId}/ask-again",
      summary: "Get a link to ask somebody to authorize again",
      description:
        "For admins, who hand it over themselves. Its owner also gets a notice, unless it is a key.",
      permission: "connections.manage",
      answer: { status: 200, json: { name: "AuthorizeAgainLink", schema: authorizeAgainLink } },
      errors: [409],
    },
    {
      method: "GET",
      path: "/api/connections/{serverId}/accounts",
      summary: "List the accounts that your calls may use",
      description:
        "Your own, and the team's where it is offered. Empty unless each person has their own account.",
      permission: "connections.view",
      answer: { status: 200, json: accounts },
    },
    {
      method: "PATCH",
      path: "/api/connections/{serverId}/accounts/{account}",
      summary: "Label one of your accounts, or make it the default",
      description: "`account` is `first`, or the id of a further one.",
      permission: "connections.authorize-own",
      body: { name: "AccountChange", schema: accountChange },
      answer: { status: 200, json: accounts },
    },
    {
      method: "POST",
      path: "/api/connections/{serverId}/refresh",
      summary: "Refresh the tokens now",
      description: "Where the last refresh failed. Once in 5 seconds.",
      permission: "connections.use",
      answer: { status: 200, json: connection },
      errors: [409, 502],
    },
    {
      method: "PUT",
      path: "/api/connections/{serverId}/key",
      summary: "Store your own header values for a server",
      description: "No route gives them back.",
      permission: "connections.authorize-own",
      body: { name: "PersonalKeyInput", schema: personalKeyInput },
      answer: { status: 200, json: connection },
      errors: [409],
    },
    {
      method: "POST",
      path: "/api/mcp-servers/{serverId}/authorizations",
      summary: "Ask for a consent",
      description:
        "Answers with a link. A person opens it in a browser, signed in as the key's owner, or for a shared account as an admin, and confirms it. `account=new` connects a further account of that person.",
      permission: "connections.use",
      query: authorizationLinkQuery,
      answer: { status: 201, json: authorization },
    },
    {
      method: "GET",
      path: "/api/mcp-servers/{serverId}/authorizations/{authorizationId}",
      summary: "Ask how a consent stands",
      description: "With the key that asked for it. Wait `interval` seconds in between.",
      permission: "connections.use",
      answer: { status: 200, json: authorization },
    },
    {
      method: "DELETE",
      path: "/api/mcp-servers/{serverId}/authorizations/{authorizationId}",
      summary: "Cancel a consent that was asked for",
      permission: "connections.use",
      answer: { status: 204 },
    },
    {
      method: "POST",
      path: "/oauth/revoke/{serverId}",
      summary: "Disconnect your account, or everybody's",
      description:
        "`server` ends all connections to the server, and `team` that of the team's account; both are for admins.",
      permission: "connections.use",
      body: { name: "RevokeInput", schema: revokeInput },
      answer: { status: 200, json: { name: "RevokeResult", schema: revokeResult } },
    },
  ],
};
