import { exampleSentence, profileTool, type ToolProfile } from "../built-in-model/tool-profile";
import { describeTool, type Toolbox, type ToolboxTool } from "../tool-calls/toolbox";
import { toolsInTurn } from "./tools-in-turn";

const mostRequests = 3;

/** From each server in turn; read-only ones first, and of those the ones that need the fewest words. */
export function exampleRequests({ tools }: Toolbox): string[] {
  const severalServers = new Set(tools.map(({ serverId }) => serverId)).size > 1;
  return toolsInTurn(tools, effort, mostRequests).map((tool) => {
    const sentence = exampleSentence(profileOf(tool), severalServers);
    return sentence.charAt(0).toUpperCase() + sentence.slice(1);
  });
}

function profileOf(tool: ToolboxTool): ToolProfile {
  const { name, inputSchema } = tool;
  return profileTool({ name, description: describeTool(tool), inputSchema });
}

function effort(tool: ToolboxTool): number {
  const profile = profileOf(tool);
  const words = profile.parameters.filter((parameter) => parameter.required).length;
  // Works, but is no reason to open a chat.
  const dull = profile.concepts.has("identify") ? 10 : 0;
  return (tool.readOnly ? 0 : 100) + dull + words;
}
